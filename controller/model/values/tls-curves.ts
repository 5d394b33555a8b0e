import { accept, type Parser, reject } from '../contract/parser.ts';
import { listOf, unique } from './list.ts';

/** Name of a group that every OpenSSL since 1.1.1 knows → the name that is written in nginx.conf. */
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

/**
 * Groups for the key exchange, the preferred one first, or `auto`: the choice is left to OpenSSL. Duplicates are
 * removed, because OpenSSL refuses them.
 */
export const tlsCurves: Parser<readonly string[]> = listOf({
  accepts: `auto, or some of ${[...GROUPS.keys()].join(', ')}, separated by colons`,
  separator: /:/,
  item: (text) => {
    const group = text === 'auto' ? text : GROUPS.get(text);
    return group === undefined ? reject('is not known to every OpenSSL') : accept(group);
  },
  value: (groups) => (groups.includes('auto') ? ['auto'] : unique(groups)),
});
