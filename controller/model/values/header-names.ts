import { accept, type Parser, reject } from '../contract/parser.ts';
import { itemThat, listOf, unique } from './list.ts';

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

const NOT_TO_SET = 'is not the name of a header that may be set';

/** Names of headers of answers in lower case. */
function answerNames(longest: number, accepts: string): Parser<readonly string[]> {
  return listOf({
    accepts,
    item: itemThat((name) => isResponseHeader(name) && name.length <= longest, NOT_TO_SET),
    value: (names) => unique(names.map((name) => name.toLowerCase())),
  });
}

const ANSWER_NAMES = 'names of headers, separated by commas; not those that frame an answer, such as Content-Length';

export const responseHeaderNames = answerNames(Infinity, ANSWER_NAMES);
export const hiddenHeaderNames = answerNames(
  LONGEST_TABLED_HEADER,
  `${ANSWER_NAMES}, and none of more than ${LONGEST_TABLED_HEADER} characters`,
);

const requestNames = {
  most: [MOST_HEADERS, 'headers'],
  accepts:
    'names of headers, separated by commas; not Host, and not those that frame a request, such as Content-Length',
  item: itemThat(isRequestHeader, NOT_TO_SET),
  /** As they are written, each once. */
  value: (names: readonly string[]): readonly string[] => [
    ...new Map(names.map((name) => [name.toLowerCase(), name])).values(),
  ],
} as const;

/** Names of headers of requests. */
export const requestHeaderNames: Parser<readonly string[]> = listOf(requestNames);

/** The same where the header of a client would pass in the place of one that is left out. */
export const allRequestHeaderNames: Parser<readonly string[]> = listOf({ ...requestNames, whole: true });
