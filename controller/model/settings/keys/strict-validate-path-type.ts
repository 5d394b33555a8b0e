import { settings } from '../../contract/setting.ts';
import { bool } from '../../values/scalars.ts';

export default settings({
  chapter: 'Snippets and validation',
  keys: {
    'strict-validate-path-type': {
      parser: bool,
      fallback: true,
      about:
        'The admission webhook, which is not supported yet, would refuse paths of type Exact and Prefix that contain ' +
        'characters other than letters, digits and `._-/`; with false, it would only warn. Without the webhook, such ' +
        'a path is matched literally or, with `use-regex` or `rewrite-target`, as a regular expression.',
      good: ['true', 'false'],
      bad: ['on'],
      verdict: {
        kind: 'later',
        why: 'there is no admission webhook yet, so no path is refused for its characters',
      },
    },
  },
});
