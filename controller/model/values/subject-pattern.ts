import { accept, type Parser, reject } from '../contract/parser.ts';
import { checkSearch } from './regex/check.ts';

/** A case-sensitive regular expression that must match somewhere in the subject of a client certificate. */
export const subjectPattern: Parser<string> = {
  accepts: 'CN= followed by a regular expression',
  parse: (raw) => {
    if (!raw.startsWith('CN=')) return reject('does not begin with CN=');
    if (/[\u0000-\u001f\u007f]/.test(raw)) return reject('contains a control character');
    const checked = checkSearch(raw);
    return checked.ok ? accept(checked.pattern) : reject(checked.reason);
  },
};
