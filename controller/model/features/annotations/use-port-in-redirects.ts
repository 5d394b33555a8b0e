import { annotations } from '../annotation.ts';
import { bool } from '../../values/scalars.ts';

export default annotations({
  group: 'Redirects',
  keys: {
    'use-port-in-redirects': {
      parser: bool,
      setting: 'use-port-in-redirects',
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: true,
      about:
        'Whether redirects to HTTPS, and a `permanent-redirect` to a path, contain a port. `true`: always the HTTPS ' +
        'port, even 443. `false`: never. If neither the annotation nor the ConfigMap sets it, redirects contain a ' +
        'port only if clients need it: a redirect to HTTPS contains the HTTPS port unless that is 443, and a ' +
        "`permanent-redirect` contains the port of the request's Host header.",
      good: ['true', 'false'],
      bad: ['yes', '8443'],
    },
  },
  location: (values, { settings }) => {
    const wanted = values['use-port-in-redirects'] ?? settings['use-port-in-redirects'];
    return wanted === null ? {} : { route: { redirectPort: wanted ? 'always' : 'never' } };
  },
});
