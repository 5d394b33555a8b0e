/**
 * The possible types of a route's field: the TypeScript type, and how Lua checks and decodes it
 * (nginx/lua/tidegate/shapes).
 */
export interface Shape<T> {
  /** What is accepted, in words, for docs/live-data.md. */
  readonly says: string;
  /** Lua: a function of a module of shapes/ that returns what is wrong with a value, or nil. */
  readonly check?: string;
  /**
   * Module of shapes/ whose `read(value, path of the route)` decodes the value, or returns nil and what is wrong with
   * it.
   */
  readonly part?: string;
  readonly good: T;
  /** An invalid value, just beyond what is accepted. */
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

/** A field that is present or absent. */
export const FLAG: Shape<true> = { says: 'true', check: 'check.only_true', good: true, bad: false };

/** [connect, send, read]. */
export const TIMEOUTS: Shape<readonly [number, number, number]> = {
  says: 'three numbers of milliseconds',
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

/** Checked by a separate function: `module.function`. */
export function checked<T>(check: string, says: string, good: T, bad: unknown): Shape<T> {
  return { says, check, good, bad };
}

/** A value that Lua decodes once for all requests, by the module `part`; `says` names its interface. */
export function part<T>(module: string, says: string, good: T, bad: unknown): Shape<T> {
  return { says: `\`${says}\``, part: module, good, bad };
}
