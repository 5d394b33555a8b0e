/** Texts of tenants in which some variables may stand: what a worker puts together itself, and nginx.conf never holds. */

/** In order: text, or, where it begins with a dollar, a variable. */
export type Pieces = readonly string[];

const TEXT = /^[A-Za-z0-9._~:/?&=%+*,;@!()-]*$/;

/** Of one text: the decoder of nginx/lua/tidegate/shapes takes as many. */
export const MOST_PIECES = 200;

export function tooManyPieces(count: number): string {
  return `holds ${count} variables and texts, more than ${MOST_PIECES}`;
}

/**
 * Text of a URL and the variables in it, or what is wrong with them, as the end of a sentence. `variables`: name as written
 * → name of the one that it is.
 */
export function piecesOf(text: string, variables: ReadonlyMap<string, string>, literal = TEXT): Pieces | string {
  const found: string[] = [];
  for (const part of text.split(/(\$\{\w+\}|\$\w+)/)) {
    if (part === '') continue;
    const name = /^\$\{?(\w+)\}?$/.exec(part)?.[1];
    if (name === undefined && !literal.test(part)) return 'holds a character that it may not hold';
    const known = name === undefined ? part : variables.get(name);
    if (known === undefined) return `holds $${name}, which is not one of its variables`;
    found.push(name === undefined ? known : `$${known}`);
  }
  if (found.length > MOST_PIECES) return tooManyPieces(found.length);
  return found;
}

/** Variables that are called what they are. */
export function byName(...names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [name, name]));
}
