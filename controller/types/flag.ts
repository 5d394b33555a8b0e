/**
 * The description of a command-line flag. Parsers, types of the commands, docs and files of the chart are generated
 * from a table of such descriptions.
 */

/** Commands that ask a running controller. */
export const ASKING = [
  'status',
  'routes',
  'backends',
  'certs',
  'conf',
  'problems',
  'changes',
  'logs',
  'completion',
] as const;

export type Command = (typeof BUILDING)[number] | (typeof ASKING)[number];

/** Commands that build a Plan, and so have every flag that a Plan depends on. */
export const BUILDING = ['controller', 'up', 'render', 'check', 'explain', 'migrate', 'ui'] as const;

/**
 * The types of flags. A `duration` is written in Go's notation (`1m30s`) and parsed to milliseconds. `buckets` are
 * upper bounds of buckets of a histogram, ascending and separated by commas.
 */
export type FlagType = 'text' | 'choice' | 'bool' | 'number' | 'duration' | 'object' | 'port' | 'ranges' | 'buckets';

export interface FlagDetails {
  /** The commands that have the flag; by default only `controller`. */
  readonly commands?: readonly Command[];
  /** Default value for all commands except `controller`. */
  readonly byHand?: string;
  /** The placeholder for the value in usage lines. */
  readonly word?: string;
  /** A one-letter alias for all commands except `controller`. */
  readonly letter?: string;
  readonly choices?: readonly string[];
  /** Restricts a number to whole numbers in this range. */
  readonly range?: readonly [least: number, most: number];
  readonly required?: true;
  /** Whether the flag may be given several times; its value then has one line for each time. */
  readonly repeats?: true;
  /** Why the flag has no effect. `later`: it is not supported yet. `none`: it has no meaning for Tidegate. */
  readonly state?: 'later' | 'none';
}

export interface FlagRow extends FlagDetails {
  readonly name: string;
  readonly type: FlagType;
  /** The default value. */
  readonly fallback: string;
  readonly about: string;
}

export function flag<const N extends string, const T extends FlagType, const D extends FlagDetails = object>(
  name: N,
  type: T,
  fallback: string,
  about: string,
  details?: D,
): D & { readonly name: N; readonly type: T; readonly fallback: string; readonly about: string } {
  return { ...(details as D), name, type, fallback, about };
}

/** `http-port` → `httpPort` */
export type CamelCase<S extends string> = S extends `${infer Head}-${infer Rest}`
  ? `${Head}${Capitalize<CamelCase<Rest>>}`
  : S;

export function camelCase<S extends string>(name: S): CamelCase<S> {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()) as CamelCase<S>;
}

/** The type of a parsed value. A text flag without a default is an empty string if the flag is absent. */
type FlagValue<R extends Pick<FlagRow, 'type'>> = R extends { readonly choices: readonly (infer C)[] }
  ? C
  : R['type'] extends 'bool'
    ? boolean
    : R['type'] extends 'number' | 'port' | 'duration'
      ? number
      : string;

type CommandsOf<R> = R extends { readonly commands: readonly (infer C)[] } ? C : 'controller';

/** The values of the flags that a command has, by the names of the flags in camel case. */
export type FlagValues<R extends Pick<FlagRow, 'name' | 'type'>, C extends Command> = {
  readonly [Each in R as C extends CommandsOf<Each> ? CamelCase<Each['name']> : never]: FlagValue<Each>;
};
