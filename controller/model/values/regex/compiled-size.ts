/**
 * Size of PCRE's compiled program for a pattern: it writes counted repetitions of groups out, and must not exceed 64
 * KiB.
 */
import { ALL, type ByteSet } from './byte-set.ts';
import type { Node } from './syntax.ts';

/** Operators that open, close, capture and repeat a group. */
const GROUP = 12;
/** A set of bytes, with one bit for each. */
const CLASS = 34;
const CHARACTER = 2;

/** Maximum bytes in PCRE 8 and PCRE2 10 with links of two bytes, as Debian builds them. */
export function compiledSize(node: Node): number {
  switch (node.kind) {
    case 'nothing':
      return 0;
    case 'boundary':
    case 'start':
    case 'end':
      return 1;
    case 'byte':
      return isCharacter(node.set) ? CHARACTER : CLASS;
    case 'look':
    case 'group':
      return GROUP + compiledSize(node.item);
    case 'sequence':
      return node.items.reduce((sum, item) => sum + compiledSize(item), 0);
    case 'branches':
      return node.items.reduce((sum, item) => sum + 3 + compiledSize(item), GROUP);
    case 'repeat': {
      const once = compiledSize(node.item);
      if (node.item.kind === 'byte') return 2 * once + 8;
      const copies = node.most === Infinity ? Math.max(node.least, 1) : node.most;
      return copies * (once + GROUP);
    }
  }
}

/** One letter in both cases, any other byte, or all bytes. */
function isCharacter(set: ByteSet): boolean {
  if (set === ALL) return true;
  let bytes = 0;
  for (let word of set) for (; word !== 0; word &= word - 1) if ((bytes += 1) > 2) return false;
  return true;
}
