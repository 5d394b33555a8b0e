import { annotations, type LocationContribution } from '../annotation.ts';
import { bool } from '../../values/scalars.ts';
import { rewriteTarget } from '../../values/paths.ts';

const REGEX: LocationContribution = { regex: true };
const PLAIN: LocationContribution = { regex: false };

/** Whether the target is the path itself: such a rewrite changes nothing, and the paths stay plain text. */
function isPath(target: readonly (string | number)[], path: string): boolean {
  return target.every((piece) => typeof piece === 'string') && target.join('') === path;
}

export default annotations({
  group: 'Rewriting',
  pathsOnly: true,
  keys: {
    'rewrite-target': {
      parser: rewriteTarget,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: true,
      about:
        'Replaces the request path before the request goes to the backend; `$1` to `$9` are the groups of the path. ' +
        'The query string is kept. The paths of the whole host become case-insensitive regular expressions (unless ' +
        'the target is the path itself); with `--strict-paths`, only the rewritten paths do. With a URL, clients are ' +
        'redirected there with 302, including the query string. In a URL, groups may be used only in the path, and ' +
        'are percent-encoded.',
      good: ['/', '/$2', '/api/v1/$1', 'https://www.example.com/new/$1'],
      bad: ['/search?q=$1', '/a b', '/$host', '/{x}', 'https://$1.example.com/'],
    },
    'use-regex': {
      parser: bool,
      onInvalid: 'ignored',
      scope: 'host',
      risk: 'low',
      live: false,
      about:
        'Paths are regular expressions (PCRE), case-insensitive, anchored at the start only. This applies to every ' +
        'path of the host, including paths of other Ingresses; with `--strict-paths`, it applies only to the paths ' +
        'of this Ingress. Longer paths are tried first.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
  },
  location: (values, context) => {
    const target = values['rewrite-target'];
    const unchanged = values['use-regex'] === true ? REGEX : PLAIN;
    // `context.path` is read only if the result depends on it, so that other paths can share their settings.
    if (target === undefined || target.length === 0) return unchanged;
    const { path } = context;
    return isPath(target, path) ? unchanged : { regex: true, rewrite: { pattern: path, target } };
  },
});
