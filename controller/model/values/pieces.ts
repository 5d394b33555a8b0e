/** Tenants' texts with some variables: workers put them together, and nginx.conf never contains them. */

/** Text, or, if it begins with a dollar, a variable; in order. */
export type Pieces = readonly string[];

const TEXT = /^[A-Za-z0-9._~:/?&=%+*,;@!()-]*$/;

/** Per text; also the limit of the decoders in nginx/lua/tidegate/shapes. */
export const MOST_PIECES = 200;

export function tooManyPieces(count: number): string {
  return `has ${count} variables and texts, more than ${MOST_PIECES}`;
}

/**
 * Text of a URL and its variables, or what is wrong, as the end of a sentence. `variables`: name as written → name of
 * the variable.
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

/** Variables that keep their names. */
export function byName(...names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name, name]));
}
