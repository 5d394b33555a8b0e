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

/** More does not fit into the table of gRPC, which has a fixed size: NGINX would refuse its whole configuration. */
export const LONGEST_REQUEST_HEADER = 46;

/**
 * A name that a header of a request may get from somebody else than NGINX; Host is what `upstream-vhost` is for, and
 * CDN-Loop ends requests that come back.
 */
export function isRequestHeader(name: string): boolean {
  return (
    isResponseHeader(name) &&
    name.length <= LONGEST_REQUEST_HEADER &&
    !/^(cdn-loop|expect|host|proxy|proxy-.*)$/i.test(name)
  );
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

interface Names {
  readonly good: readonly string[];
  readonly bad: readonly string[];
}

/** As they are written, each once. */
function requestNames(raw: string): Names {
  const names = raw.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
  const good = names.filter(isRequestHeader);
  const unique = new Map(good.map((name) => [name.toLowerCase(), name]));
  return { good: [...unique.values()], bad: names.filter((name) => !isRequestHeader(name)) };
}

const REQUEST_NAMES =
  'names of headers, separated by commas; not Host, and not those that frame a request, such as Content-Length';

function unusable({ bad }: Names): string {
  return `holds what is not the name of a header that may be set: ${bad.join(', ')}`;
}

/** Names of headers of requests. */
export const requestHeaderNames: Parser<readonly string[]> = {
  accepts: REQUEST_NAMES,
  parse: (raw) => {
    const names = requestNames(raw);
    return names.bad.length === 0 ? accept(names.good) : reject(unusable(names));
  },
};

/** The same; those that are none are dropped, unless all are. */
export const someRequestHeaderNames: Parser<readonly string[]> = {
  accepts: REQUEST_NAMES,
  parse: (raw) => {
    const names = requestNames(raw);
    if (names.bad.length === 0) return accept(names.good);
    return names.good.length === 0 ? reject(unusable(names)) : accept(names.good, unusable(names));
  },
};
