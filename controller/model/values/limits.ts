/** Parsers for the values of rate limits. */
import { bytes, type ConfValue, notOfRequest } from '../../types/conf-value.ts';
import { notOneWord } from '../../types/conf-word.ts';
import { accept, type Parser, reject } from '../contract/parser.ts';
import { wholeNumber } from './scalars.ts';

/** A limit for each client, at most `most`; 0 or less means that there is no limit. */
export function limit(most: number): Parser<number> {
  const number = wholeNumber(Number.MIN_SAFE_INTEGER, most);
  return {
    accepts: `a whole number up to ${most}; 0 or less: no limit`,
    parse: (raw) => {
      const parsed = number.parse(raw);
      if (!parsed.ok) return reject(/^[+-]?\d+$/.test(raw) ? `is above ${most}` : 'is not a whole number');
      return accept(Math.max(0, parsed.value));
    },
  };
}

/** Maximum rate in kilobytes per second: one TB per second. */
const MOST_KB = 1_000_000_000;
export const kilobytes = limit(MOST_KB);

export function kilobytesOf(value: number): ConfValue {
  return bytes(value * 1024);
}

/** The status for requests that exceed a limit; nginx accepts only this range. */
export const limitStatus = wholeNumber(400, 599, 'a status');

/** Variables that are never empty, so that every request has a key. */
const ADDRESSES: ReadonlySet<string> = new Set(['$binary_remote_addr', '$remote_addr', '$realip_remote_addr']);
const ADDRESS = /\$\{?(binary_remote_addr|realip_remote_addr)\b\}?/g;

/** Whether the key of every request is a non-empty address. */
export function isAddress(key: string): boolean {
  return ADDRESSES.has(key);
}

/** The key by which clients are distinguished: a string with nginx variables. */
export const clientKey: Parser<string> = {
  accepts: 'nginx variables about a request',
  parse: (raw) => {
    if (!raw.includes('$')) return reject('contains no variable');
    const reason = notOneWord(raw) ?? notOfRequest(raw.replaceAll(ADDRESS, '$remote_addr'));
    return reason === undefined ? accept(raw) : reject(reason);
  },
};
