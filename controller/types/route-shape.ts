/**
 * The type of a route's field: its TypeScript type, and how Lua checks and decodes values (nginx/lua/tidegate/shapes).
 */
export interface Shape<T> {
  /** The accepted values, in words, for docs/live-data.md. */
  readonly says: string;
  /**
   * The Lua function that checks a value, as `module.function` of a module in shapes/. It returns what is wrong, or
   * nil.
   */
  readonly check?: string;
  /**
   * The Lua module in shapes/ that decodes a value. Its function `read(value, path of the route)` returns the decoded
   * value, or nil and what is wrong.
   */
  readonly part?: string;
  readonly good: T;
  /** An invalid value that is close to a valid one. */
  readonly bad: unknown;
}

const quoted = (value: string): string => `'${value}'`;

export const TEXT: Shape<string> = { says: 'text', check: 'check.text', good: '/shop', bad: 1 };

export const PRINTABLE: Shape<string> = {
  says: 'text without control characters',
  check: 'check.printable',
  good: 'shop/web',
  bad: 'shop/web\n',
};

export const PATH: Shape<string> = { says: 'path', check: 'check.location', good: '/shop', bad: '//shop' };

export const HOST_NAME: Shape<string> = { says: 'host', check: 'check.host', good: 'www.example.com', bad: 'a/b' };

export const BACKEND_KEY: Shape<string> = {
  says: 'namespace/service/port',
  check: 'check.backend_key',
  good: 'shop/web/80',
  bad: 'web',
};

/** A field whose only value is true. */
export const FLAG: Shape<true> = { says: 'true', check: 'check.only_true', good: true, bad: false };

/** Timeouts [connect, send, read]. */
export const TIMEOUTS: Shape<readonly [number, number, number]> = {
  says: 'three durations in milliseconds',
  check: 'check.timeouts',
  good: [5000, 60_000, 60_000],
  bad: [5000, 60_000, 0],
};

export function whole(least: number, most: number, example: number): Shape<number> {
  const check = `check.whole_from(${least}, ${most}, ${example})`;
  return { says: `${least} to ${most}`, check, good: example, bad: least - 1 };
}

export function oneOf<const T extends string>(...values: readonly [T, T, ...T[]]): Shape<T> {
  const check = `check.one_of(${values.map(quoted).join(', ')})`;
  return { says: values.map((value) => `\`${value}\``).join(', '), check, good: values[0], bad: 'another' };
}

export function orNull<T>({ says, check, good, bad }: Shape<T>): Shape<T | null> {
  return { says: `${says}, or null`, check: `check.or_null(${check})`, good, bad };
}

/** A type with its own Lua function for the check: `module.function`. */
export function checked<T>(check: string, says: string, good: T, bad: unknown): Shape<T> {
  return { says, check, good, bad };
}

/**
 * A type whose values the Lua module `part` decodes once, not for each request; `says` is the name of its interface.
 */
export function part<T>(module: string, says: string, good: T, bad: unknown): Shape<T> {
  return { says: `\`${says}\``, part: module, good, bad };
}
