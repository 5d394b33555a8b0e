import { settings } from '../../contract/setting.ts';
import type { Parser } from '../../contract/parser.ts';
import { bool } from '../../values/scalars.ts';

const common = { good: ['true', 'false'], bad: ['yes', 'on'] } as const;
/** Null means that the key is absent, which differs from both true and false. */
const boolOrNone: Parser<boolean | null> = bool;

export default settings({
  chapter: 'Redirects',
  keys: {
    'relative-redirects': {
      ...common,
      parser: bool,
      fallback: false,
      about: 'A `permanent-redirect` to a path is sent without scheme and host.',
    },
    'use-port-in-redirects': {
      ...common,
      parser: boolOrNone,
      fallback: null,
      about:
        'Whether redirects contain a port. `true`: always; `false`: never; if absent: only where clients need it. ' +
        'See the annotation `use-port-in-redirects`.',
    },
    'preserve-trailing-slash': {
      ...common,
      parser: bool,
      fallback: false,
      about: 'Redirects to HTTPS keep a slash at the end of the path.',
    },
  },
});
