/** A command-line flag. Parsers, types of the commands, docs and the chart's files are made from such rows. */

export type Command = 'controller' | 'up' | 'render' | 'check';

/** Commands that build a Plan, and so take every flag that it depends on. */
export const BUILDING = ['controller', 'up', 'render', 'check'] as const satisfies readonly Command[];

/** `duration` is in Go's notation, and parsed to milliseconds. */
export type FlagType = 'text' | 'choice' | 'bool' | 'number' | 'duration' | 'object' | 'port' | 'ranges';

export interface FlagDetails {
  /** The commands that take the flag; by default only `controller`. */
  readonly commands?: readonly Command[];
  /** Default value for all commands except `controller`. */
  readonly byHand?: string;
  /** The placeholder for the value in a usage line. */
  readonly word?: string;
  /** A one-letter alias for all commands except `controller`. */
  readonly letter?: string;
  readonly choices?: readonly string[];
  /** Restricts a number to whole numbers in this range. */
  readonly range?: readonly [least: number, most: number];
  readonly required?: true;
  /** The flag has no effect: `later` means not built yet, `none` that it has no meaning here. */
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

/** The type of a parsed flag; a text that is not given and has no default is empty. */
type FlagValue<R extends Pick<FlagRow, 'type'>> = R extends { readonly choices: readonly (infer C)[] }
  ? C
  : R['type'] extends 'bool'
    ? boolean
    : R['type'] extends 'number' | 'port' | 'duration'
      ? number
      : string;

type CommandsOf<R> = R extends { readonly commands: readonly (infer C)[] } ? C : 'controller';

/** The values of the rows that a command takes, by flag name in camel case. */
export type FlagValues<R extends Pick<FlagRow, 'name' | 'type'>, C extends Command> = {
  readonly [Each in R as C extends CommandsOf<Each> ? CamelCase<Each['name']> : never]: FlagValue<Each>;
};
