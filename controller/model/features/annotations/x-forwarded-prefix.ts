import { annotations } from '../annotation.ts';
import type { Parser } from '../../contract/parser.ts';
import { pathWithCaptures } from '../../values/paths.ts';

/** The syntax of a rewrite target; spaces are removed. */
const prefix: Parser<readonly (string | number)[]> = {
  accepts: 'a path of letters, digits and - . _ ~ : /, optionally with captures $1 to $9',
  parse: (raw) => pathWithCaptures.parse(raw.replaceAll(' ', '')),
};

export default annotations({
  group: 'Headers',
  pathsOnly: true,
  keys: {
    'x-forwarded-prefix': {
      parser: prefix,
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'medium',
      live: true,
      about:
        'The backend gets X-Forwarded-Prefix with this value, in which `$1` to `$9` are the groups of the path. The ' +
        'header is sent only if a `rewrite-target` changes the path.',
      good: ['/api', '/$1'],
      bad: ['/a?b', '/$host', '/{x}'],
    },
  },
  location: (values) => {
    const forwardedPrefix = values['x-forwarded-prefix'];
    return forwardedPrefix === undefined ? {} : { forwardedPrefix };
  },
});
