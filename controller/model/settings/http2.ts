import { settings } from '../setting.ts';
import { wholeNumber } from '../values/scalars.ts';

export default settings({
  chapter: 'Client connections',
  keys: {
    'http2-max-requests': {
      parser: wholeNumber(0, 2 ** 31 - 1),
      fallback: 0,
      about: 'Requests of one HTTP/2 connection, in an NGINX before 1.19.7.',
      good: ['0', '10000'],
      bad: ['-1', 'many'],
      verdict: {
        kind: 'no-effect',
        why: 'NGINX bounds the requests of all connections of clients alike, by keep-alive-requests',
      },
    },
  },
});
