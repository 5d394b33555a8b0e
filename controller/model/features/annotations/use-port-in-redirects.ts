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
        'Whether redirects to HTTPS, and a `permanent-redirect` to a path, name a port. `true`: the HTTPS port always, ' +
        '443 included. `false`: none. Where neither annotation nor ConfigMap says so: the port that a client needs, ' +
        'which is the HTTPS port where it is not 443, and the port in the Host header of the request.',
      good: ['true', 'false'],
      bad: ['yes', '8443'],
    },
  },
  location: (values, { settings }) => {
    const wanted = values['use-port-in-redirects'] ?? settings['use-port-in-redirects'];
    return wanted === null ? {} : { route: { redirectPort: wanted ? 'always' : 'never' } };
  },
});
