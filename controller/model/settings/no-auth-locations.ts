import { settings } from '../setting.ts';
import { pathPrefixes } from '../values/paths.ts';

export default settings({
  chapter: 'Access',
  keys: {
    'no-auth-locations': {
      parser: pathPrefixes,
      fallback: ['/.well-known/acme-challenge'],
      guards: true,
      about: 'Paths of an Ingress that begin with one of these are served without authentication.',
      good: ['/.well-known/acme-challenge,/health'],
      bad: ['health'],
    },
  },
});
