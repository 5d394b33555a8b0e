import { notOneWord } from '../../types/conf-word.ts';
import { accept, type Parser, reject } from '../contract/parser.ts';
import { redirectTarget } from './redirect-target.ts';

/** The target of an error page: a URL, or a path on the same host; without a query. */
export const errorTarget: Parser<string> = {
  accepts:
    'a path of letters, digits and - . _ /, without a query; or http:// or https://, a host, and optionally such a path',
  parse: (raw) => {
    if (raw.startsWith('@')) return reject('is a named location, which is not accepted here');
    if (raw.includes('$')) return reject('contains a $: variables of nginx are not expanded');
    const tooLong = notOneWord(raw);
    if (tooLong !== undefined) return reject(tooLong);
    const rest = raw.replace(/^https?:\/\/[^/]+/i, '');
    if (!/^(\/[A-Za-z0-9._-]+)*\/?$/.test(rest)) return reject('contains a character that is not allowed here');
    const parsed = redirectTarget.parse(raw);
    return parsed.ok ? accept(parsed.value.to) : parsed;
  },
};
