import { accept, type Parser, reject } from '../contract/parser.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const DURATION = /^(\d+[wdhms] *)+$/;

/** A time in nginx's syntax (`10m`, `1h 30m`; without a unit, seconds) → seconds, from `least` to `most`. */
export function duration(least: number, most: number): Parser<number> {
  return {
    accepts: `a time from ${least} to ${most} seconds, such as 90s, 10m, 1h 30m or 1d`,
    parse: (raw) => {
      const text = /^\d+$/.test(raw) ? `${raw}s` : raw;
      if (!DURATION.test(text)) return reject('is not a time');
      const parts = [...text.matchAll(/(\d+)([wdhms])/g)];
      const value = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0);
      return value >= least && value <= most ? accept(value) : reject(`is outside ${least} to ${most} seconds`);
    },
  };
}
