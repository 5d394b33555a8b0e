import { accept, type Parser, reject } from '../parser.ts';

/** Of a request or an answer; the characters that the retired controller takes. */
const HEADER_NAME = /^[A-Za-z0-9_-]+$/;

/** Of one list: an annotation, a ConfigMap, the directives of a snippet. Several lists may come together in a live value. */
export const MOST_HEADERS = 1000;

/** Why a list is too long, as the end of a sentence; undefined where it is not. */
export function moreThanMost(headers: readonly unknown[]): string | undefined {
  return headers.length > MOST_HEADERS ? `holds ${headers.length} headers, more than ${MOST_HEADERS}` : undefined;
}

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

/**
 * More does not fit into nginx's tables of headers that are set or hidden: their buckets are of 64 bytes, for gRPC without
 * a directive that enlarges them, and it would refuse its whole configuration.
 */
export const LONGEST_TABLED_HEADER = 46;

/** A header of requests that NGINX can be told about in a directive: `real_ip_header`, `$http_NAME`. */
export const requestHeaderName: Parser<string> = {
  accepts: `the name of a header, at most ${LONGEST_TABLED_HEADER} characters`,
  parse: (raw) => {
    if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(raw)) return reject('is not the name of a header');
    return raw.length <= LONGEST_TABLED_HEADER
      ? accept(raw)
      : reject(`is longer than ${LONGEST_TABLED_HEADER} characters`);
  },
};

/**
 * A name that a header of a request may get from somebody else than NGINX; Host is what `upstream-vhost` is for, and
 * CDN-Loop ends requests that come back.
 */
export function isRequestHeader(name: string): boolean {
  return (
    isResponseHeader(name) &&
    name.length <= LONGEST_TABLED_HEADER &&
    !/^(cdn-loop|expect|host|proxy|proxy-.*)$/i.test(name)
  );
}

/** Names of headers of answers in lower case. Invalid ones are dropped; if none is valid, the whole value is rejected. */
function answerNames(longest: number, accepts: string): Parser<readonly string[]> {
  const isGood = (name: string) => isResponseHeader(name) && name.length <= longest;
  const parse = (raw: string) => {
    const names = raw.split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
    const good = names.filter(isGood);
    if (good.length === 0) return reject('holds no name of a header that may be set');
    const bad = names.filter((name) => !isGood(name));
    const dropped =
      bad.length === 0 ? undefined : `holds what is not the name of a header that may be set: ${bad.join(', ')}`;
    return accept([...new Set(good.map((name) => name.toLowerCase()))], dropped);
  };
  return { accepts, parse };
}

const ANSWER_NAMES = 'names of headers, separated by commas; not those that frame an answer, such as Content-Length';

export const responseHeaderNames = answerNames(Infinity, ANSWER_NAMES);
export const hiddenHeaderNames = answerNames(
  LONGEST_TABLED_HEADER,
  `${ANSWER_NAMES}, and none of more than ${LONGEST_TABLED_HEADER} characters`,
);

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
    const reason = names.bad.length === 0 ? moreThanMost(names.good) : unusable(names);
    return reason === undefined ? accept(names.good) : reject(reason);
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
