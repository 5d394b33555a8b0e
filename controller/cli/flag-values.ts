/** Validates flags as they are written, and converts them to values. */
import { type Bounds, boundsFrom } from '../model/contract/bounds.ts';
import { rangeItems, rangeOf } from '../types/addresses.ts';
import { camelCase, type Command, type FlagRow } from '../types/flag.ts';
import { bucketBounds } from '../types/request-metrics.ts';
import { type Flags, flagsOf } from './flags.ts';

export type Arguments<C extends Command> = Flags<C> & { readonly bounds: Bounds };

const BOOLS: Readonly<Record<string, boolean>> = {
  true: true,
  false: false,
  1: true,
  0: false,
  t: true,
  f: false,
  T: true,
  F: false,
  True: true,
  False: false,
  TRUE: true,
  FALSE: false,
};
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Parses a duration in Go's notation (`1m30s`, `500ms`). Returns milliseconds, or undefined for any other text. */
export function goDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, value, unit]) => sum + Number(value) * (UNITS[unit ?? ''] ?? 0),
    0,
  );
}

interface Fault {
  /** What the value is, to complete the sentence `"0" is …`. For example: `not a port`. */
  readonly what: string;
  readonly example: string;
}

function isWhole(value: string, [least, most]: readonly [number, number]): boolean {
  return /^\d+$/.test(value) && Number(value) >= least && Number(value) <= most;
}

/** Why a string is not a valid value of a flag; undefined if it is valid. */
export function flagFault({ type, range, choices = [] }: FlagRow, value: string): Fault | undefined {
  const unless = (fits: boolean, what: string, example: string) => (fits ? undefined : { what, example });
  switch (type) {
    case 'bool':
      return unless(BOOLS[value] !== undefined, 'neither true nor false', 'true');
    case 'number':
      if (range !== undefined)
        return unless(isWhole(value, range), `not a whole number from ${range[0]} to ${range[1]}`, `${range[1]}`);
      return unless(value !== '' && Number(value) >= 0, 'neither 0 nor a positive number', '10');
    case 'port':
      return unless(isWhole(value, [1, 65_535]), 'not a port', '8080');
    case 'duration':
      return unless(goDuration(value) !== undefined, 'not a duration', '30s');
    case 'object':
      return unless(
        value === '' || /^[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*$/.test(value),
        'not namespace/name',
        'ingress-nginx/ingress-nginx-controller',
      );
    case 'ranges':
      return unless(
        rangeItems(value).every((each) => rangeOf(each) !== undefined),
        'not a list of addresses and ranges',
        '10.0.0.0/8,fd00::7',
      );
    case 'buckets':
      return unless(bucketBounds(value) !== undefined, 'not a list of up to 40 ascending numbers', '0.1,0.5,1');
    case 'choice':
      return unless(choices.includes(value), `not one of ${choices.join(', ')}`, choices[0] ?? '');
    case 'text':
      return undefined;
  }
}

function valueOf(type: FlagRow['type'], text: string): string | number | boolean {
  switch (type) {
    case 'bool':
      return BOOLS[text] ?? false;
    case 'number':
    case 'port':
      return Number(text);
    case 'duration':
      return goDuration(text) ?? 0;
    case 'object':
    case 'ranges':
    case 'buckets':
    case 'choice':
    case 'text':
      return text;
  }
}

/**
 * Returns the values of all flags of a command. `given` has the given flags as they are written; their values must be
 * valid (`flagFault`).
 */
export function argumentsOf<C extends Command>(command: C, given: ReadonlyMap<string, string>): Arguments<C> {
  const values = flagsOf(command).map(({ name, type, fallback }) => [
    camelCase(name),
    valueOf(type, given.get(name) ?? fallback),
  ]);
  const bounds = boundsFrom((flag) => (given.has(flag) ? Number(given.get(flag)) : undefined));
  // The cast is safe, because the type `Arguments` is derived from the rows that `flagsOf` returns.
  return { ...Object.fromEntries(values), bounds } as Arguments<C>;
}
