import { annotations } from '../annotation.ts';
import { bool } from '../../values/scalars.ts';

export default annotations({
  group: 'Redirects',
  keys: {
    'from-to-www-redirect': {
      parser: bool,
      onInvalid: 'ignored',
      scope: 'host',
      risk: 'low',
      live: false,
      about:
        'Requests for the host with `www.` in front (or without it, if the host begins with `www.`) are redirected ' +
        "to the host, with the same path and query and the ConfigMap's `http-redirect-code`. One Ingress of the " +
        'host is enough. There is no redirect if an Ingress has that other name as a host, and none for wildcards. ' +
        'Over HTTPS the other name has the certificate that a `spec.tls` of the Ingress lists for it, else one of ' +
        'that Ingress that covers it, else the default certificate. No other annotation applies to that name.',
      good: ['true', 'false'],
      bad: ['yes', 'www'],
    },
  },
  host: (values) => (values['from-to-www-redirect'] === true ? { fromWww: true } : {}),
});
