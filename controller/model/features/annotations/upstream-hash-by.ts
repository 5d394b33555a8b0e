import { annotations } from '../annotation.ts';
import { hashText } from '../../values/hash-by.ts';
import { bool, wholeNumber } from '../../values/scalars.ts';

const SUBSET = 3;
const common = { onInvalid: 'ignored', scope: 'location', live: true } as const;

export default annotations({
  group: 'Balancing',
  ofService: true,
  keys: {
    'upstream-hash-by': {
      ...common,
      parser: hashText,
      risk: 'high',
      about:
        'Requests with the same hash key go to the same endpoint. This annotation defines the hash key; it may ' +
        'contain literal text and NGINX variables (`$request_uri`, `$remote_addr`, `$host`, `$uri`, `$args`, ' +
        '`$arg_NAME`, `$cookie_NAME`, `$http_NAME` and some others). Hashing is consistent: when one of ten ' +
        'endpoints is removed, only its tenth of the hash keys moves to other endpoints. The annotation takes ' +
        'precedence over `load-balance`.',
      good: ['$request_uri', '$remote_addr', '${host}-$http_x_user'],
      bad: ['$upstream_addr', '$request_uri;', '${host', '$'],
    },
    'upstream-hash-by-subset': {
      ...common,
      parser: bool,
      risk: 'low',
      about:
        'The hash key selects a subset of endpoints instead of one, and each request goes to a random endpoint of ' +
        'the subset.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
    'upstream-hash-by-subset-size': {
      ...common,
      parser: wholeNumber(0, 65_535),
      risk: 'low',
      about: 'Number of endpoints in each subset of `upstream-hash-by-subset`; 3 if absent or 0.',
      good: ['3', '10'],
      bad: ['-1', 'all', '1.5'],
    },
  },
  location: (values) => {
    const pieces = values['upstream-hash-by'];
    if (pieces === undefined || pieces.length === 0) return {};
    const subset = values['upstream-hash-by-subset'] === true;
    const size = values['upstream-hash-by-subset-size'] || SUBSET;
    return { route: { hashBy: subset ? { pieces, subset: size } : { pieces } } };
  },
});
