import { settings } from '../../contract/setting.ts';
import { pathPrefixes } from '../../values/paths.ts';

export default settings({
  chapter: 'Access',
  keys: {
    'no-auth-locations': {
      parser: pathPrefixes,
      fallback: ['/.well-known/acme-challenge'],
      closed: [],
      holds: 'no path is exempt',
      guards: true,
      about:
        'Comma-separated path prefixes. Paths of an Ingress that begin with one of them are served without ' +
        'authentication. Invalid items are dropped; the others apply. If no item is valid, the last good list stays ' +
        'in force; if there is none, no path is exempt.',
      good: ['/.well-known/acme-challenge,/health'],
      bad: ['health', ','],
    },
  },
});
