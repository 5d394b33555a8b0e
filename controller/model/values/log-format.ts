import { accept, type Parser, reject } from '../contract/parser.ts';

/** Escape sequences inside quotes in nginx.conf; any other backslash stands for itself. */
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "'": "'", '\\': '\\', n: '\n', r: '\r', t: '\t' };
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
const VARIABLE = /\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g;

/**
 * A log format. It is interpreted as inside single quotes in nginx.conf, because ingress-nginx writes it there. It may
 * have several lines.
 */
export const logFormat: Parser<string> = {
  accepts: 'text with nginx variables',
  parse: (raw) => {
    const text = raw.replaceAll(/\\(["'\\nrt])/g, (_, character: string) => ESCAPES[character] ?? '');
    if (CONTROL.test(text)) return reject('contains a control character');
    if (text.replaceAll(VARIABLE, '').includes('$')) return reject('contains a $ that does not begin a variable');
    return accept(text);
  },
};

/** Names of the variables in a string, in lower case, without duplicates. */
export function variablesIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(VARIABLE)].map(([, braced, bare]) => (braced ?? bare ?? '').toLowerCase()));
}
