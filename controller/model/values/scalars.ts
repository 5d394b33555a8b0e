import { bytes } from '../../types/conf-value.ts';
import { accept, type Parser, reject } from '../contract/parser.ts';

/**
 * The strings that Go's strconv.ParseBool accepts. ingress-nginx uses it, and existing manifests are written for
 * ingress-nginx.
 */
const BOOL: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);

export const bool: Parser<boolean> = {
  accepts: '"true" or "false"',
  parse: (raw) => {
    const value = BOOL.get(raw);
    return value === undefined ? reject('is neither true nor false') : accept(value);
  },
};

/** The longest time that fits into nginx's millisecond counters on every platform: 24 days. */
const MAX_SECONDS = 2_073_600;

/** Whole seconds without a unit, at least `least`. */
export function secondsFrom(least: number): Parser<number> {
  return wholeNumber(least, MAX_SECONDS, 'whole seconds without a unit');
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number, noun = 'a whole number'): Parser<number> {
  return {
    accepts: `${noun}, ${least} to ${most}`,
    parse: (raw) => {
      if (!/^[+-]?\d+$/.test(raw)) return reject(`is not ${noun}`);
      const value = Number(raw);
      return value >= least && value <= most ? accept(value) : reject(`is outside ${least} to ${most}`);
    },
  };
}

/** One of `values`; with `fold`, which requires values in upper case, the case of the text is ignored. */
export function oneWordOf<const T extends string>(values: readonly T[], fold = false): Parser<T> {
  return {
    accepts: `one of ${values.join(', ')}`,
    parse: (raw) => {
      const value = values.find((candidate) => candidate === (fold ? raw.toUpperCase() : raw));
      return value === undefined ? reject(`is not one of ${values.join(', ')}`) : accept(value);
    },
  };
}

const SIZE = /^(\d+)([bkmg]?)$/i;
const UNIT: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/**
 * A number of bytes with an optional unit b, k, m or g in upper or lower case → the size in nginx's syntax (`8m`).
 * Spaces are removed. `b` stands for bytes, and is removed because nginx does not know it. `g` is kept, because this
 * parser is for directives that support it, such as client_max_body_size.
 */
export const byteSize: Parser<string> = {
  accepts: 'bytes with an optional k, m or g',
  parse: (raw) => {
    const match = SIZE.exec(raw.replaceAll(' ', ''));
    if (match === null) return reject('is not a size');
    const [, written = '', unit = ''] = match;
    const digits = written.replace(/^0+(?=\d)/, '');
    const letter = unit.toLowerCase() === 'b' ? '' : unit.toLowerCase();
    if (Number(digits) * (UNIT[letter] ?? 1) > Number.MAX_SAFE_INTEGER) return reject('is larger than nginx can count');
    return accept(`${digits.replace(/^0+(?=\d)/, '')}${letter}`);
  },
};

/** Like `byteSize`, but the value is a number of bytes, from `least` to `most`. */
export function byteCount(least: number, most: number): Parser<number> {
  const bounds = `${formatBytes(least)} to ${formatBytes(most)}`;
  return {
    accepts: `${byteSize.accepts}, ${bounds}`,
    parse: (raw) => {
      const parsed = byteSize.parse(raw);
      if (!parsed.ok) return parsed;
      const unit = parsed.value.at(-1) ?? '';
      const value = Number.parseInt(parsed.value, 10) * (UNIT[unit] ?? 1);
      return value >= least && value <= most ? accept(value) : reject(`is outside ${bounds}`);
    },
  };
}

/** A number of bytes in nginx's syntax: `8k`. */
export function formatBytes(value: number): string {
  return bytes(value).conf;
}
