import { accept, type Parser, reject } from '../contract/parser.ts';
import { parseConf } from '../../types/tokenizer.ts';
import { compileSnippet, type Snippet } from './snippets/compile.ts';

/** A tenant's snippet for one place in nginx.conf. */
export function snippet(place: 'server' | 'location' | 'auth'): Parser<Snippet> {
  return {
    accepts: 'nginx directives that docs/snippets.md lists',
    parse: (raw) => compileSnippet(raw, place),
  };
}

// This expression matches control characters on purpose.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/**
 * A snippet of the administrator: any string that can be parsed as nginx directives and contains no control characters.
 * The directives are not checked.
 */
export const adminSnippet: Parser<string> = {
  accepts: 'nginx directives',
  parse: (raw) => {
    if (CONTROL.test(raw)) return reject('contains a control character');
    try {
      parseConf(raw);
      return accept(raw);
    } catch (error) {
      if (error instanceof SyntaxError) return reject(`cannot be read by nginx: ${error.message}`);
      throw error;
    }
  },
};
