import { settings } from '../../contract/setting.ts';
import { hashText } from '../../values/hash-by.ts';
import { absolutePath } from '../../values/paths.ts';
import { bool, wholeNumber } from '../../values/scalars.ts';

const verdict = { kind: 'no-effect', why: 'it exists only as an annotation, as in ingress-nginx' } as const;

export default settings({
  chapter: 'Balancing and endpoints',
  keys: {
    'app-root': {
      parser: absolutePath,
      fallback: '',
      about: 'Path to which requests for `/` are redirected.',
      good: ['/app'],
      bad: ['app', '//example.com'],
      verdict,
    },
    'upstream-hash-by': {
      parser: hashText,
      fallback: [],
      written: '',
      about: 'Key whose hash determines the endpoint of a request.',
      good: ['$remote_addr'],
      bad: ['$nothing'],
      verdict,
    },
    'upstream-hash-by-subset': {
      parser: bool,
      fallback: false,
      about: 'Requests with the same key are distributed over a subset of the endpoints.',
      good: ['true', 'false'],
      bad: ['yes'],
      verdict,
    },
    'upstream-hash-by-subset-size': {
      parser: wholeNumber(0, 65_535),
      fallback: 0,
      about: 'Number of endpoints in the subset of `upstream-hash-by-subset`.',
      good: ['3', '0'],
      bad: ['-1', 'all'],
      verdict,
    },
  },
});
