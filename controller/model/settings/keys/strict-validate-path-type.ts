import { settings } from '../../contract/setting.ts';
import { bool } from '../../values/scalars.ts';

export default settings({
  chapter: 'Snippets and validation',
  keys: {
    'strict-validate-path-type': {
      parser: bool,
      fallback: true,
      about:
        'In ingress-nginx, the admission webhook refuses paths of type Exact and Prefix that contain characters other ' +
        'than letters, digits and `._-/`. Tidegate matches such a path as text or, with `use-regex` or ' +
        '`rewrite-target`, as a regular expression; its webhook warns about a path that looks like a regular expression ' +
        'but is matched as text.',
      good: ['true', 'false'],
      bad: ['on'],
      verdict: {
        kind: 'no-effect',
        why: 'no character of a path can change the configuration of NGINX, so no path is refused for its characters',
      },
    },
  },
});
