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
        'to the host. The redirect keeps the path and the query, and its status is the `http-redirect-code` of the ' +
        'ConfigMap. It is enough if one Ingress of the host has the annotation. There is no redirect if an Ingress ' +
        'has the other name as a host, or if the host is a wildcard. Over HTTPS, the other name is served with a ' +
        'certificate of the Ingress: the one that `spec.tls` lists for the name, or else one that is valid for it; ' +
        'if there is neither, with the default certificate. No other annotation applies to the other name.',
      good: ['true', 'false'],
      bad: ['yes', 'www'],
    },
  },
  host: (values) => (values['from-to-www-redirect'] === true ? { fromWww: true } : {}),
});
