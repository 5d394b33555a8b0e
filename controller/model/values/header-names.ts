import { accept, type Parser, reject } from '../contract/parser.ts';
import { itemThat, listOf, unique } from './list.ts';

/** Name of a header in a request or response; the characters that ingress-nginx accepts. */
const HEADER_NAME = /^[A-Za-z0-9_-]+$/;

/**
 * Maximum length of one list: an annotation, a ConfigMap, the directives of a snippet. A live value may combine several
 * lists.
 */
export const MOST_HEADERS = 1000;

/** Why a list is too long, as the end of a sentence; undefined if it is not. */
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

/** A header name that a ConfigMap may set in responses. */
export function isResponseHeader(name: string): boolean {
  return HEADER_NAME.test(name) && !FRAMING.has(name.toLowerCase());
}

/**
 * Longer names do not fit into nginx's hash tables of headers that are set or hidden: their buckets have 64 bytes,
 * which no directive enlarges for gRPC, and nginx would refuse its whole configuration.
 */
export const LONGEST_TABLED_HEADER = 46;

/** A request header that an nginx directive can name: `real_ip_header`, `$http_NAME`. */
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
 * Name of a request header that others than NGINX may set; for Host there is `upstream-vhost`, and CDN-Loop ends loops.
 */
export function isRequestHeader(name: string): boolean {
  return (
    isResponseHeader(name) &&
    name.length <= LONGEST_TABLED_HEADER &&
    !/^(cdn-loop|expect|host|proxy|proxy-.*)$/i.test(name)
  );
}

const NOT_TO_SET = 'is not a header name that may be set';

/** Names of response headers, in lower case. */
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
  /** As written, without duplicates. */
  value: (names: readonly string[]): readonly string[] => [
    ...new Map(names.map((name) => [name.toLowerCase(), name])).values(),
  ],
} as const;

/** Names of request headers. */
export const requestHeaderNames: Parser<readonly string[]> = listOf(requestNames);

/**
 * As `requestHeaderNames`, for lists where dropping an item would let the client's header pass: the whole value is rejected
 * instead.
 */
export const allRequestHeaderNames: Parser<readonly string[]> = listOf({ ...requestNames, whole: true });
