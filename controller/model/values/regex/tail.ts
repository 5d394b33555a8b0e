/**
 * Removes the tail of a pattern: the end that cannot fail to match, such as `(.*)` in `/api(/|$)(.*)`. If a string
 * reaches the tail, it matches, so the matcher does not go back to the part before the tail.
 */
import { canBeEmpty, type RegexNode, sequence } from './syntax.ts';

/** A part of a tail that is judged separately. `again`: whether it may be tried from many positions. */
export interface TailPart {
  readonly tree: RegexNode;
  readonly again: boolean;
}

/** The pattern without its tail; the parts of the tail are added to `parts`. */
export function withoutTail(node: RegexNode, parts: TailPart[]): RegexNode {
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

/** Whether a node can match the empty text at any position, so that it cannot fail. */
function isSure(node: RegexNode): boolean {
  return canBeEmpty(node, false);
}

function addParts(node: RegexNode, parts: TailPart[]): void {
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
