import { accept, type Parser, reject } from '../parser.ts';

/** Of a request or an answer; the characters that the retired controller takes. */
const HEADER_NAME = /^[A-Za-z0-9_-]+$/;

/** What says where an answer ends, and what becomes of the connection: NGINX's business alone. */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** A name that a ConfigMap may give to a header of answers. */
export function isResponseHeader(name: string): boolean {
  return HEADER_NAME.test(name) && !FRAMING.has(name.toLowerCase());
}

/** A name that the administrator may give to a header for backends; Host is what `upstream-vhost` is for. */
export function isRequestHeader(name: string): boolean {
  return isResponseHeader(name) && !/^(host|proxy|proxy-.*)$/i.test(name);
}

/** Names of headers of answers, in lower case; those that are none are dropped, unless all are. */
export const responseHeaderNames: Parser<readonly string[]> = {
  accepts: 'names of headers, separated by commas; not those that frame an answer, such as Content-Length',
  parse: (raw) => {
    const names = raw.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
    const good = names.filter(isResponseHeader);
    if (good.length === 0) return reject('holds no name of a header that may be set');
    const bad = names.filter((name) => !isResponseHeader(name));
    const dropped =
      bad.length === 0 ? undefined : `holds what is not the name of a header that may be set: ${bad.join(', ')}`;
    return accept([...new Set(good.map((name) => name.toLowerCase()))], dropped);
  },
};
