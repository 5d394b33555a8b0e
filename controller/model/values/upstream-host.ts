import { accept, type Parser, reject } from '../contract/parser.ts';

/** Allowed variables. The values of all but `host` are known when a path is read; `host` depends on the request. */
const VARIABLES = ['service_name', 'service_port', 'namespace', 'ingress_name', 'host'] as const;
export type UpstreamHostVariable = (typeof VARIABLES)[number];

/** Literal text, or a variable. */
export type UpstreamHostPiece = string | { readonly variable: UpstreamHostVariable };

const PIECE = /\$\{(\w+)\}|\$(\w+)/;

function isVariable(name: string): name is UpstreamHostVariable {
  return VARIABLES.some((known) => known === name);
}

/** A host with an optional port → its literal strings and variables, in their order. */
export const upstreamHost: Parser<readonly UpstreamHostPiece[]> = {
  accepts: `a host with an optional port; both may contain ${VARIABLES.map((name) => `$${name}`).join(', ')}`,
  parse: (raw) => {
    const pieces: UpstreamHostPiece[] = [];
    // Splitting by an expression with two groups results in: text, group, group, text, …
    const parts = raw.split(PIECE);
    for (let at = 0; at < parts.length; at += 3) {
      const text = parts[at] ?? '';
      if (!/^[A-Za-z0-9._:[\]-]*$/.test(text)) return reject('contains a character that is not allowed in a host');
      if (text !== '') pieces.push(text);
      const name = parts[at + 1] ?? parts[at + 2];
      if (name === undefined) continue;
      if (!isVariable(name)) return reject(`contains $${name}, which is not an allowed variable`);
      pieces.push({ variable: name });
    }
    return accept(pieces);
  },
};
