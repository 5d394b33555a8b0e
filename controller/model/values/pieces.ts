/**
 * Tenants' strings with variables. They are part of the live data, and Lua expands them; nginx.conf never contains
 * them.
 */

/** The parts of such a string in order; a part that begins with a dollar sign is a variable. */
export type Pieces = readonly string[];

const TEXT = /^[A-Za-z0-9._~:/?&=%+*,;@!()-]*$/;

/** Maximum number of parts of a string; the decoders in nginx/lua/tidegate/shapes have the same limit. */
export const MOST_PIECES = 200;

export function tooManyPieces(count: number): string {
  return `has ${count} variables and literal parts, more than ${MOST_PIECES}`;
}

/**
 * Splits a string into its parts. If the string is invalid, the result is the reason, as the end of a sentence.
 * `variables`: name as written → name of the variable that is expanded.
 */
export function piecesOf(text: string, variables: ReadonlyMap<string, string>, literal = TEXT): Pieces | string {
  const found: string[] = [];
  for (const part of text.split(/(\$\{\w+\}|\$\w+)/)) {
    if (part === '') continue;
    const name = /^\$\{?(\w+)\}?$/.exec(part)?.[1];
    if (name === undefined && !literal.test(part)) return 'contains a character that is not allowed';
    const known = name === undefined ? part : variables.get(name);
    if (known === undefined) return `contains $${name}, which is not an allowed variable`;
    found.push(name === undefined ? known : `$${known}`);
  }
  if (found.length > MOST_PIECES) return tooManyPieces(found.length);
  return found;
}

/** A map of names to themselves, for variables that are expanded under the name as written. */
export function byName(...names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name, name]));
}
