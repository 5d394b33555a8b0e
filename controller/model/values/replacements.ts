/**
 * Parsers for replacements of strings in responses: `off`, or an old and a new string, but never a regular expression.
 */
import { type ConfValue, noVariables, word } from '../../types/conf-value.ts';
import { notOneWord } from '../../types/conf-word.ts';
import { accept, type Parser, reject } from '../contract/parser.ts';

export interface TextReplacement {
  readonly from: string;
  readonly to: string;
}

/** nginx treats a string that begins with `~` as a regular expression. */
const SPECIAL = /^~/;

/** A string of letters, digits and the given marks, which nginx matches literally. */
export function literalReplacement(allowed: RegExp, marks: string): Parser<string> {
  return {
    accepts: `letters, digits and ${marks}, but not ~ at the beginning`,
    parse: (raw) => {
      if (SPECIAL.test(raw)) return reject('begins with ~, which would be a regular expression');
      if (!allowed.test(raw)) return reject('contains a character that is not allowed');
      const tooLong = notOneWord(raw);
      return tooLong === undefined ? accept(raw) : reject(tooLong);
    },
  };
}

/** `off`, or two values separated by spaces. */
function replacement(text: Parser<string>): Parser<TextReplacement | 'off'> {
  return {
    accepts: `off, or two values separated by a space, each of ${text.accepts}`,
    parse: (raw) => {
      if (raw === 'off') return accept('off');
      const [from = '', to = '', ...rest] = raw.split(/ +/);
      if (to === '' || rest.length > 0) return reject('is neither off nor two values');
      for (const each of [from, to]) {
        const parsed = text.parse(each);
        if (!parsed.ok) return parsed;
      }
      return accept({ from, to });
    },
  };
}

export const domainReplacement = replacement(literalReplacement(/^[A-Za-z0-9._~:/-]+$/, '._~:/-'));
export const urlPart = literalReplacement(/^[A-Za-z0-9._~:/,?&=-]+$/, '._~:/,?&=-');
export const pathReplacement = replacement(urlPart);

export function sameReplacement(a: TextReplacement | 'off', b: TextReplacement | 'off'): boolean {
  return a === b || (a !== 'off' && b !== 'off' && a.from === b.from && a.to === b.to);
}

/** Arguments of proxy_cookie_domain, proxy_cookie_path and proxy_redirect. */
export function replacementWords(value: TextReplacement | 'off'): readonly ConfValue[] {
  return value === 'off' ? [word('off')] : [noVariables(value.from), noVariables(value.to)];
}

/**
 * The replacement that proxy-redirect-from and proxy-redirect-to specify together. In nginx, `default` would replace
 * the internal name of the upstream. No endpoint knows this name, so `default` has the same effect as `off`.
 */
export function redirectOf(from: string, to: string): TextReplacement | 'off' {
  return from === 'off' || from === 'default' || to === 'off' ? 'off' : { from, to };
}
