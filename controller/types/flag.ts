/** A flag of the command line. Parsers, types of the commands, docs and the chart's files are made from such rows. */

export type Command = 'controller' | 'up' | 'render' | 'check';

/** Commands that build a Plan, and so take every flag that the Plan depends on. */
export const BUILDING = ['controller', 'up', 'render', 'check'] as const satisfies readonly Command[];

/** `duration` is in Go's notation, and a number of milliseconds once it is read. */
export type FlagType = 'text' | 'choice' | 'bool' | 'number' | 'duration' | 'object' | 'port' | 'ranges';

export interface FlagDetails {
  /** Who takes the flag; `controller` alone where nothing is said. */
  readonly commands?: readonly Command[];
  /** Value where the flag is not given, of all commands but `controller`. */
  readonly byHand?: string;
  /** What stands for the value in a usage line. */
  readonly word?: string;
  /** One letter, with which all commands but `controller` take it as well. */
  readonly letter?: string;
  readonly choices?: readonly string[];
  /** A number is a whole one within this range. */
  readonly range?: readonly [least: number, most: number];
  readonly required?: true;
  /** The flag changes nothing: it is `later` where that is not built yet, and `none` where it means nothing here. */
  readonly state?: 'later' | 'none';
}

export interface FlagRow extends FlagDetails {
  readonly name: string;
  readonly type: FlagType;
  /** Value where the flag is not given. */
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

/** What a flag is once it is read; a text that is not given and has no fallback is empty. */
type FlagValue<R extends Pick<FlagRow, 'type'>> = R extends { readonly choices: readonly (infer C)[] }
  ? C
  : R['type'] extends 'bool'
    ? boolean
    : R['type'] extends 'number' | 'port' | 'duration'
      ? number
      : string;

type CommandsOf<R> = R extends { readonly commands: readonly (infer C)[] } ? C : 'controller';

/** Values of those of the rows that a command takes, by the names of the flags in camel case. */
export type FlagValues<R extends Pick<FlagRow, 'name' | 'type'>, C extends Command> = {
  readonly [Each in R as C extends CommandsOf<Each> ? CamelCase<Each['name']> : never]: FlagValue<Each>;
};
