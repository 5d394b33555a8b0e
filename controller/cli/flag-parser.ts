/** argv in the manner of the old controller: `--flag=value`, `--flag value`, a bool alone, `-v=3`. */
import { didYouMean } from '../model/did-you-mean.ts';
import { rangeItems, rangeOf } from '../types/addresses.ts';
import { type FlagRow, FLAGS } from './flags.ts';

export interface ParsedFlags {
  readonly text: (name: string) => string;
  readonly bool: (name: string) => boolean;
  readonly number: (name: string) => number;
  /** Milliseconds. */
  readonly duration: (name: string) => number;
  /** Flags that were given and have no effect, with the reason. */
  readonly notices: readonly string[];
  /** What was given, each flag once: `--name=value`. */
  readonly given: readonly string[];
}

const ROWS: ReadonlyMap<string, FlagRow> = new Map(FLAGS.map((row) => [row.name, row]));
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

/** Go's notation (`1m30s`, `500ms`) → milliseconds; undefined where it is none. */
export function goDuration(text: string): number | undefined {
  if (text === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, value, unit]) => sum + Number(value) * (UNITS[unit ?? ''] ?? 0),
    0,
  );
}

function fault({ name, type, range }: FlagRow, value: string): string | undefined {
  const say = (what: string, example: string) =>
    `--${name}: ${JSON.stringify(value)} is ${what}, for example --${name}=${example}`;
  switch (type) {
    case 'bool':
      return BOOLS[value] === undefined ? say('neither true nor false', 'true') : undefined;
    case 'number':
      if (range !== undefined && (!/^\d+$/.test(value) || Number(value) < range[0] || Number(value) > range[1]))
        return say(`not a whole number from ${range[0]} to ${range[1]}`, `${range[1]}`);
      return value === '' || Number.isNaN(Number(value)) || Number(value) < 0
        ? say('not a number of 0 or more', '10')
        : undefined;
    case 'port':
      return /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535
        ? undefined
        : say('not a port', '8080');
    case 'duration':
      return goDuration(value) === undefined ? say('not a duration', '30s') : undefined;
    case 'object':
      return value === '' || /^[a-z0-9][a-z0-9.-]*\/[a-z0-9][a-z0-9.-]*$/.test(value)
        ? undefined
        : say('not namespace/name', 'ingress-nginx/ingress-nginx-controller');
    case 'ranges':
      return rangeItems(value).every((each) => rangeOf(each) !== undefined)
        ? undefined
        : say('not a list of addresses and ranges', '10.0.0.0/8,fd00::7');
    case 'text':
      return undefined;
  }
}

/** Values of all flags, or what is wrong with the first that cannot be taken. */
export function parseFlags(argv: readonly string[]): ParsedFlags | { readonly error: string } {
  const values = new Map<string, string>();
  const rest = [...argv];
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    const match = /^--?([A-Za-z][A-Za-z0-9_-]*)(?:=(.*))?$/s.exec(argument);
    if (match === null) return { error: `${JSON.stringify(argument)} is not a flag; flags are written --name=value` };
    const [, name = '', inline] = match;
    const row = ROWS.get(name);
    if (row === undefined) return { error: `unknown flag --${name}${didYouMean(name, [...ROWS.keys()])}` };
    const value = inline ?? (row.type === 'bool' ? 'true' : rest.shift());
    if (value === undefined) return { error: `--${name} needs a value` };
    // A flag without effect may say what it likes.
    const wrong = row.state === 'none' ? undefined : fault(row, value);
    if (wrong !== undefined) return { error: wrong };
    values.set(name, value);
  }
  const text = (name: string): string => values.get(name) ?? ROWS.get(name)?.fallback ?? '';
  for (const [one, other] of [
    ['publish-service', 'publish-status-address'],
    ['watch-namespace', 'watch-namespace-selector'],
  ] as const) {
    if (text(one) !== '' && text(other) !== '') return { error: `--${one} and --${other} exclude each other` };
  }
  return {
    text,
    bool: (name) => BOOLS[text(name)] ?? false,
    number: (name) => Number(text(name)),
    duration: (name) => goDuration(text(name)) ?? 0,
    given: [...values].map(([name, value]) => `--${name}=${value}`),
    notices: [...values.keys()].flatMap((name) => {
      const row = ROWS.get(name);
      return row === undefined || row.state === 'works' ? [] : [`--${name} has no effect: ${row.about}`];
    }),
  };
}

/** Every flag with its default and meaning. */
export function flagHelp(): string {
  const line = ({ name, type, fallback, about, state }: FlagRow) =>
    `  --${name} ${type}${fallback === '' ? '' : ` (${fallback})`}\n      ${state === 'works' ? about : `no effect: ${about}`}`;
  return ['Usage: tidegate controller [--flag=value …]', '', ...FLAGS.map(line)].join('\n');
}
