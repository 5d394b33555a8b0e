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
        'The host with `www.` in front, or without it where it has it, is redirected to the host, with the same path and ' +
        "query and the ConfigMap's `http-redirect-code`. One Ingress of the host is enough. It is left out where an " +
        'Ingress has that name for a host, and for wildcards. Over HTTPS the name has the certificate that a `spec.tls` of the ' +
        'Ingress lists it with, else one of that Ingress that covers it, else the default one. No other annotation ' +
        'holds there.',
      good: ['true', 'false'],
      bad: ['yes', 'www'],
    },
  },
  host: (values) => (values['from-to-www-redirect'] === true ? { fromWww: true } : {}),
});
