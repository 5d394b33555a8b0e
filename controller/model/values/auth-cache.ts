/** Caching of an authentication service's responses: the cache key, and how long responses are kept. */
import { accept, type Parser, reject } from '../contract/parser.ts';
import { listOf } from './list.ts';
import { MOST_PIECES, type Pieces, tooManyPieces } from './pieces.ts';

const VARIABLE = /\$\{(\w+)\}|\$(\w+)/;
const SIMPLE = new Set(['remote_user', 'remote_addr', 'host', 'http_host', 'request_uri', 'request_method', 'scheme']);
const OF_HEADERS = /^(http|cookie)_[a-z0-9_]+$/;
/** Variables of headers that do not identify a user, or that proxies set. */
const OF_EVERYBODY =
  /^http_(host|user_agent|accept(_.*)?|referer|origin|connection|upgrade(_.*)?|via|forwarded|x_forwarded_.*|x_real_ip|x_request_id)$/;

/**
 * Whether a variable distinguishes users by a secret that only they know, such as a cookie. The name of a user alone is
 * not enough, because anybody can send it.
 */
export function tellsUsersApart(name: string): boolean {
  return OF_HEADERS.test(name) && !OF_EVERYBODY.test(name);
}

/** A string with variables about the request, at least one of which distinguishes users. */
export const authCacheKey: Parser<Pieces> = {
  accepts:
    'letters, digits, - and _, and the variables $http_<header>, $cookie_<name>, $remote_user, $remote_addr, $host, ' +
    '$request_uri, $request_method and $scheme; at least one must be a header or cookie that tells users apart',
  parse: (raw) => {
    const pieces: string[] = [];
    for (const part of raw.replaceAll(' ', '').split(/(\$\{\w+\}|\$\w+)/)) {
      if (part === '') continue;
      const [, braced, bare] = VARIABLE.exec(part) ?? [];
      const name = (braced ?? bare)?.toLowerCase();
      if (name === undefined && !/^[A-Za-z0-9_-]+$/.test(part))
        return reject('contains a character that is not allowed');
      if (name !== undefined && !SIMPLE.has(name) && !OF_HEADERS.test(name))
        return reject(`contains $${name}, which is not an allowed variable`);
      pieces.push(name === undefined ? part : `$${name}`);
    }
    if (pieces.length > MOST_PIECES) return reject(tooManyPieces(pieces.length));
    if (!pieces.some((piece) => piece.startsWith('$') && tellsUsersApart(piece.slice(1))))
      return reject('is the same for all users, who would share a response');
    return accept(pieces);
  },
};

/** Status of a response → seconds for which it is cached. */
export type CacheTimes = readonly (readonly [status: number, seconds: number])[];

const SECONDS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  M: 2_592_000,
  y: 31_536_000,
};
/** Statuses to which a time without a status applies, as in NGINX. */
const USUAL = ['200', '301', '302'];
const LONGEST = 31_536_000;

function timesOf(item: string): CacheTimes | undefined {
  const words = item.split(/\s+/);
  const at = words.findIndex((word) => !/^[1-5]\d\d$/.test(word));
  const times = words.slice(at === -1 ? words.length : at).map((word) => /^(\d{1,9})(ms|[smhdwMy])$/.exec(word));
  if (times.length === 0 || times.includes(null)) return undefined;
  const seconds = times.reduce((sum, time) => sum + Number(time?.[1]) * (SECONDS[time?.[2] ?? ''] ?? 0), 0);
  const codes = at === 0 ? USUAL : words.slice(0, at);
  return codes.map((code) => [Number(code), Math.min(seconds, LONGEST)]);
}

/** Statuses and times: `200 202 401 5m, 403 10s`. If a status occurs in several items, the first of them applies. */
export const cacheTimes: Parser<CacheTimes> = listOf({
  accepts: 'comma-separated groups of statuses, each followed by a time: 200 202 401 5m, 403 10s',
  item: (text) => {
    const times = timesOf(text);
    return times === undefined ? reject('is not a group of statuses and a time') : accept(times);
  },
  value: (all) => {
    const found = new Map<number, number>();
    for (const [status, seconds] of all.flat()) if (!found.has(status)) found.set(status, seconds);
    return [...found];
  },
  // If an invalid item were dropped, a later item with the same status would apply instead.
  whole: true,
});

/** The default of ingress-nginx. */
export const USUAL_TIMES: CacheTimes = [
  [200, 300],
  [202, 300],
  [401, 300],
];
