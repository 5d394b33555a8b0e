import { accept, type Parser, reject } from '../contract/parser.ts';
import { listOf, unique } from './list.ts';

/** Names that every OpenSSL from 1.1.1 on knows, and what the group is called here. */
const GROUPS: ReadonlyMap<string, string> = new Map([
  ['X25519', 'X25519'],
  ['X448', 'X448'],
  ['prime256v1', 'prime256v1'],
  ['P-256', 'prime256v1'],
  ['secp384r1', 'secp384r1'],
  ['P-384', 'secp384r1'],
  ['secp521r1', 'secp521r1'],
  ['P-521', 'secp521r1'],
]);

/** What OpenSSL prefers itself, or groups for the key exchange, the preferred one first. OpenSSL refuses one that is named twice. */
export const tlsCurves: Parser<readonly string[]> = listOf({
  accepts: `auto, or some of ${[...GROUPS.keys()].join(', ')} with colons between them`,
  separator: /:/,
  item: (text) => {
    const group = text === 'auto' ? text : GROUPS.get(text);
    return group === undefined ? reject('not every OpenSSL knows') : accept(group);
  },
  value: (groups) => (groups.includes('auto') ? ['auto'] : unique(groups)),
});
