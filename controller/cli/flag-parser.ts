/** Parses argv as ingress-nginx does: `--flag=value`, `--flag value`, `--flag` for a bool, and `-v=3`. */
import { didYouMean } from '../model/contract/did-you-mean.ts';
import type { FlagRow } from '../types/flag.ts';
import { type Arguments, argumentsOf, flagFault } from './flag-values.ts';
import { flagsOf } from './flags.ts';
import { ownershipFault } from './ownership-flags.ts';

export interface ParsedFlags {
  readonly flags: Arguments<'controller'>;
  /** One message for each given flag without effect, with the reason. */
  readonly notices: readonly string[];
  /** Each given flag once, as `--name=value`. */
  readonly given: readonly string[];
}

const FLAGS = flagsOf('controller');
const ROWS: ReadonlyMap<string, FlagRow> = new Map(FLAGS.map((row) => [row.name, row]));

/** Returns the values of all flags, or an error message for the first invalid argument. */
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
    // Any value is accepted for a flag without effect.
    const fault = row.state === 'none' ? undefined : flagFault(row, value);
    if (fault !== undefined) {
      const { what, example } = fault;
      return { error: `--${name}: ${JSON.stringify(value)} is ${what}; write, for example, --${name}=${example}` };
    }
    values.set(name, value);
  }
  const flags = argumentsOf('controller', values);
  const conflict = conflictOf(flags);
  if (conflict !== undefined) return { error: conflict };
  return {
    flags,
    given: [...values].map(([name, value]) => `--${name}=${value}`),
    notices: [...values.keys()].flatMap((name) => {
      const row = ROWS.get(name);
      return row?.state === undefined ? [] : [`--${name} has no effect: ${row.about}`];
    }),
  };
}

/** A message about flags that cannot be used together; undefined if there are none. */
function conflictOf(flags: Arguments<'controller'>): string | undefined {
  if (flags.publishService !== '' && flags.publishStatusAddress !== '')
    return '--publish-service and --publish-status-address cannot be used together';
  if (flags.watchNamespace !== '' && flags.watchNamespaceSelector !== '')
    return '--watch-namespace and --watch-namespace-selector cannot be used together';
  if (flags.watchNamespace !== '' && flags.hostOwnership === 'namespaces')
    return '--watch-namespace and --host-ownership=namespaces cannot be used together: other Namespaces are not read; use --host-ownership=configmap';
  if (flags.metricsPerUndefinedHost && !flags.metricsPerHost)
    return '--metrics-per-undefined-host needs --metrics-per-host';
  return ownershipFault(flags);
}

/** The text of `tidegate controller --help`: every flag with its default and meaning. */
export function flagHelp(): string {
  const line = ({ name, type, fallback, about, state }: FlagRow) =>
    `  --${name} ${type}${fallback === '' ? '' : ` (${fallback})`}\n      ${state === undefined ? about : `no effect: ${about}`}`;
  return ['Usage: tidegate controller [--flag=value …]', '', ...FLAGS.map(line)].join('\n');
}
