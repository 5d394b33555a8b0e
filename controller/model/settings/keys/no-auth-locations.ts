import { settings } from '../../contract/setting.ts';
import { pathPrefixes } from '../../values/paths.ts';

export default settings({
  chapter: 'Access',
  keys: {
    'no-auth-locations': {
      parser: pathPrefixes,
      fallback: ['/.well-known/acme-challenge'],
      closed: [],
      holds: 'no path is excepted',
      guards: true,
      about:
        'Paths of an Ingress that begin with one of these are served without authentication. What cannot be read is dropped, ' +
        'the others hold. If nothing can be read, the last good list holds; without one no path is excepted.',
      good: ['/.well-known/acme-challenge,/health'],
      bad: ['health', ','],
    },
  },
});
