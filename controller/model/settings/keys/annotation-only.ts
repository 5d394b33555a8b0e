import { settings } from '../../contract/setting.ts';
import { hashText } from '../../values/hash-by.ts';
import { absolutePath } from '../../values/paths.ts';
import { bool, wholeNumber } from '../../values/scalars.ts';

const verdict = { kind: 'no-effect', why: 'it is an annotation, here as in ingress-nginx' } as const;

export default settings({
  chapter: 'Balancing and endpoints',
  keys: {
    'app-root': {
      parser: absolutePath,
      fallback: '',
      about: 'Where a request for `/` is sent.',
      good: ['/app'],
      bad: ['app', '//example.com'],
      verdict,
    },
    'upstream-hash-by': {
      parser: hashText,
      fallback: [],
      written: '',
      about: 'What decides about the endpoint of a request.',
      good: ['$remote_addr'],
      bad: ['$nothing'],
      verdict,
    },
    'upstream-hash-by-subset': {
      parser: bool,
      fallback: false,
      about: 'A request goes to one of several endpoints.',
      good: ['true', 'false'],
      bad: ['yes'],
      verdict,
    },
    'upstream-hash-by-subset-size': {
      parser: wholeNumber(0, 65_535),
      fallback: 0,
      about: 'How many endpoints these are.',
      good: ['3', '0'],
      bad: ['-1', 'all'],
      verdict,
    },
  },
});
