/**
 * The end of a pattern that cannot fail: `(.*)` in `/api(/|$)(.*)`. A text that reaches it matches, so nothing before
 * it is tried again.
 */
import { canBeEmpty, type Node, sequence } from './syntax.ts';

/** A part that is judged separately. `again`: it may be tried from many positions. */
export interface TailPart {
  readonly tree: Node;
  readonly again: boolean;
}

/** A pattern without its tail, whose parts are added to `parts`. */
export function withoutTail(node: Node, parts: TailPart[]): Node {
  switch (node.kind) {
    case 'sequence': {
      const items = [...node.items];
      for (let last = items.at(-1); last !== undefined && isSure(last); last = items.at(-1)) {
        items.pop();
        addParts(last, parts);
      }
      const last = items.pop();
      return sequence(last === undefined ? [] : [...items, withoutTail(last, parts)]);
    }
    case 'branches':
      return { kind: 'branches', items: node.items.map((item) => withoutTail(item, parts)) };
    case 'group':
      return { ...node, item: withoutTail(node.item, parts) };
    case 'repeat': {
      if (isSure(node)) {
        addParts(node, parts);
        return { kind: 'nothing' };
      }
      const { item, least, most } = node;
      const last = withoutTail(item, parts);
      if (most > least) addParts({ kind: 'repeat', item, least: 0, most: most - least }, parts);
      return least === 1 ? last : sequence([{ kind: 'repeat', item, least: least - 1, most: least - 1 }, last]);
    }
    case 'byte':
    case 'nothing':
    case 'boundary':
    case 'start':
    case 'end':
    case 'look':
      return node;
  }
}

/** It can match the empty text at any position. */
function isSure(node: Node): boolean {
  return canBeEmpty(node, false);
}

function addParts(node: Node, parts: TailPart[]): void {
  switch (node.kind) {
    case 'repeat':
      parts.push({ tree: withoutTail(node.item, parts), again: node.most > 1 });
      return;
    case 'branches':
      parts.push({ tree: withoutTail(node, parts), again: false });
      return;
    case 'group':
      addParts(node.item, parts);
      return;
    case 'sequence':
      for (const item of node.items) addParts(item, parts);
      return;
    case 'byte':
    case 'nothing':
    case 'boundary':
    case 'start':
    case 'end':
    case 'look':
  }
}
