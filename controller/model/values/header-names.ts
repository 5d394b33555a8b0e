import { accept, type Parser, reject } from '../contract/parser.ts';
import { itemThat, listOf, unique } from './list.ts';

/** Name of a request or response header, with the characters that ingress-nginx accepts. */
const HEADER_NAME = /^[A-Za-z0-9_-]+$/;

/**
 * Maximum number of headers in one list: an annotation, a ConfigMap, or the directives of a snippet. A value of the
 * live data may combine several lists.
 */
export const MOST_HEADERS = 1000;

/**
 * Why a list is too long, as the end of a sentence that begins with the list; undefined if it is within the maximum.
 */
export function moreThanMost(headers: readonly unknown[]): string | undefined {
  return headers.length > MOST_HEADERS ? `has ${headers.length} headers, more than ${MOST_HEADERS}` : undefined;
}

/** Headers that frame a response or manage the connection: only NGINX sets them. */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a response header with this name may be set. */
export function isResponseHeader(name: string): boolean {
  return HEADER_NAME.test(name) && !FRAMING.has(name.toLowerCase());
}

/**
 * Maximum length of the name of a header that nginx sets or hides. A longer name does not fit into a bucket of nginx's
 * hash tables for such headers, and nginx would refuse its whole configuration. The buckets have 64 bytes; for gRPC, no
 * directive can enlarge them.
 */
export const LONGEST_TABLED_HEADER = 46;

/** Name of a request header for use in nginx directives and variables: `real_ip_header`, `$http_NAME`. */
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
 * Whether users may set a request header with this name. Host is excluded because of the annotation `upstream-vhost`,
 * and CDN-Loop because it is needed to detect loops.
 */
export function isRequestHeader(name: string): boolean {
  return (
    isResponseHeader(name) &&
    name.length <= LONGEST_TABLED_HEADER &&
    !/^(cdn-loop|expect|host|proxy|proxy-.*)$/i.test(name)
  );
}

const NOT_TO_SET = 'is not a header that may be set';

/** Comma-separated names of response headers, which are converted to lower case. */
function answerNames(longest: number, accepts: string): Parser<readonly string[]> {
  return listOf({
    accepts,
    item: itemThat((name) => isResponseHeader(name) && name.length <= longest, NOT_TO_SET),
    value: (names) => unique(names.map((name) => name.toLowerCase())),
  });
}

const ANSWER_NAMES = 'comma-separated names of headers, except those that frame a response, such as Content-Length';

export const responseHeaderNames = answerNames(Infinity, ANSWER_NAMES);
export const hiddenHeaderNames = answerNames(
  LONGEST_TABLED_HEADER,
  `${ANSWER_NAMES}, of at most ${LONGEST_TABLED_HEADER} characters`,
);

const requestNames = {
  most: [MOST_HEADERS, 'headers'],
  accepts: 'comma-separated names of headers, except Host and those that frame a request, such as Content-Length',
  item: itemThat(isRequestHeader, NOT_TO_SET),
  /** Names as written; of names that differ only in case, one is kept. */
  value: (names: readonly string[]): readonly string[] => [
    ...new Map(names.map((name) => [name.toLowerCase(), name])).values(),
  ],
} as const;

/** Comma-separated names of request headers. */
export const requestHeaderNames: Parser<readonly string[]> = listOf(requestNames);

/**
 * Like `requestHeaderNames`, but an invalid item makes the whole list invalid: for lists where dropping an item would
 * let the client's header reach the backend.
 */
export const allRequestHeaderNames: Parser<readonly string[]> = listOf({ ...requestNames, whole: true });
