import { accept, type Parser, reject } from '../contract/parser.ts';

/** What nginx reads behind a backslash between quotes; any other backslash stands for itself. */
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', "'": "'", '\\': '\\', n: '\n', r: '\r', t: '\t' };
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
const VARIABLE = /\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g;

/** A format, read as ingress-nginx had nginx read it: between single quotes. It may have several lines. */
export const logFormat: Parser<string> = {
  accepts: 'text with variables of nginx',
  parse: (raw) => {
    const text = raw.replaceAll(/\\(["'\\nrt])/g, (_, character: string) => ESCAPES[character] ?? '');
    if (CONTROL.test(text)) return reject('holds a control character');
    if (text.replaceAll(VARIABLE, '').includes('$')) return reject('holds a $ that begins no variable');
    return accept(text);
  },
};

/** Names of the variables that a text holds, in lower case, each once. */
export function variablesIn(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(VARIABLE)].map(([, braced, bare]) => (braced ?? bare ?? '').toLowerCase()));
}
