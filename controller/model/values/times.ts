/** Parser for times with units, in the syntax of nginx or of Go. */
import { accept, type Parser, reject } from '../contract/parser.ts';

const TIME = /^(?:\d+(?:ms|d|h|m|s) ?)+$/;
const PART = /(\d+)(ms|d|h|m|s)/g;
const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** A time of at least one second; fractions of seconds are rounded up. A number without a unit is in seconds. */
export function timeUpTo(most: number): Parser<number> {
  return {
    accepts: `a time from 1 to ${most} seconds, such as 30s or 1h30m`,
    parse: (raw) => {
      const text = /^\d+$/.test(raw) ? `${raw}s` : raw;
      if (!TIME.test(text)) return reject('is not a time');
      const parts = [...text.matchAll(PART)].map(([, digits = '', unit = '']) => Number(digits) * (SECONDS[unit] ?? 0));
      const seconds = Math.ceil(parts.reduce((sum, part) => sum + part, 0));
      return seconds >= 1 && seconds <= most ? accept(seconds) : reject(`is outside 1 to ${most} seconds`);
    },
  };
}
