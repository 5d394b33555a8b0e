/**
 * Estimates the size of a pattern after compilation by PCRE, which must not exceed 64 KiB. PCRE expands counted
 * repetitions of groups.
 */
import { ALL, type ByteSet } from './byte-set.ts';
import type { RegexNode } from './syntax.ts';

/** Bytes of the operators that open, close, capture and repeat a group. */
const GROUP = 12;
/** Bytes of a character class, which has one bit for each byte value. */
const CLASS = 34;
/** Bytes of a single character. */
const CHARACTER = 2;

/** Upper bound in bytes for PCRE 8 and PCRE2 10 with a link size of two bytes, as in Debian. */
export function compiledSize(node: RegexNode): number {
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

/** Whether a set is compiled like a single character: one letter in both cases, any other byte, or all bytes. */
function isCharacter(set: ByteSet): boolean {
  if (set === ALL) return true;
  let bytes = 0;
  for (let word of set) for (; word !== 0; word &= word - 1) if ((bytes += 1) > 2) return false;
  return true;
}
