/** A regular expression that nginx matches against the User-Agent header. */
import { accept, type Parser, reject } from '../contract/parser.ts';
import { checkRegex } from './regex/check.ts';

export const agentPattern: Parser<string | undefined> = {
  accepts: 'a regular expression',
  parse: (raw) => {
    // nginx.conf cannot contain control characters.
    if (/[\u0000-\u001f\u007f]/.test(raw)) return reject('contains a control character');
    const checked = checkRegex(raw);
    return checked.ok ? accept(checked.pattern) : reject(checked.reason);
  },
};
