import { settings } from '../../contract/setting.ts';
import { bool } from '../../values/scalars.ts';

export default settings({
  chapter: 'Snippets and validation',
  keys: {
    'strict-validate-path-type': {
      parser: bool,
      fallback: true,
      about:
        'The admission webhook refuses paths of type Exact and Prefix that hold other characters than letters, digits ' +
        'and `._-/`; with false it only warns. There is no webhook yet: such a path is taken literally, or as the regular ' +
        'expression that `use-regex` and `rewrite-target` make of it.',
      good: ['true', 'false'],
      bad: ['on'],
      verdict: {
        kind: 'later',
        why: 'there is no admission webhook yet, so that no path is refused for its characters',
      },
    },
  },
});
