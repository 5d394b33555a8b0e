import { accept, type Parser, reject } from '../contract/parser.ts';
import { parseConf } from '../../types/tokenizer.ts';
import { compileSnippet, type Snippet } from './snippets/compile.ts';

/** Directives of nginx for a place. */
export function snippet(place: 'server' | 'location' | 'auth'): Parser<Snippet> {
  return {
    accepts: 'directives of nginx that docs/snippets.md lists',
    parse: (raw) => compileSnippet(raw, place),
  };
}

// Refusing control characters is the point of this expression.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Anything that nginx could read; what it says is not looked at. */
export const adminSnippet: Parser<string> = {
  accepts: 'directives of nginx',
  parse: (raw) => {
    if (CONTROL.test(raw)) return reject('holds a control character');
    try {
      parseConf(raw);
      return accept(raw);
    } catch (error) {
      if (error instanceof SyntaxError) return reject(`is not what nginx can read: ${error.message}`);
      throw error;
    }
  },
};
