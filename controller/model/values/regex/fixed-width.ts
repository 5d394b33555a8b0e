/** Checks the length of lookbehinds. */
import type { RegexNode } from './syntax.ts';

/** Number of bytes that a node always matches; undefined if the number varies. */
function widthOf(node: RegexNode): number | undefined {
  switch (node.kind) {
    case 'byte':
      return 1;
    case 'nothing':
    case 'boundary':
    case 'start':
    case 'end':
      return 0;
    case 'look':
      return undefined;
    case 'group':
      return widthOf(node.item);
    case 'sequence': {
      const widths = node.items.map(widthOf);
      return widths.reduce<number | undefined>(
        (sum, each) => (sum === undefined || each === undefined ? undefined : sum + each),
        0,
      );
    }
    case 'branches': {
      const [first, ...others] = node.items.map(widthOf);
      return others.every((each) => each === first) ? first : undefined;
    }
    case 'repeat': {
      const width = widthOf(node.item);
      return node.least === node.most && width !== undefined ? width * node.least : undefined;
    }
  }
}

/** Whether each alternative of a lookbehind has a fixed length, as PCRE requires. */
export function fixedWidth(node: RegexNode): boolean {
  return (node.kind === 'branches' ? node.items : [node]).every((item) => widthOf(item) !== undefined);
}
