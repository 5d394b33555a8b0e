/** Finds the position of a field in a parsed document. */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Document, LineCounter, Node } from 'yaml';
import type { FieldPath } from '../../types/problem.ts';

export interface Position {
  /** From 1, within the parsed text. */
  readonly line: number;
  readonly column: number;
  /** The field's scalar as written, without quotes; undefined if the field is absent or not a scalar. */
  readonly source: string | undefined;
}

/** The position of a field's key or list item. If the field is absent, the position of its nearest existing parent. */
export function positionOf(document: Document, lines: LineCounter, field: FieldPath): Position {
  let node = resolve(document, document.contents);
  let offset = node?.range?.[0] ?? 0;
  let complete = true;
  for (const step of field) {
    const next = child(document, node, step);
    if (next === undefined) {
      complete = false;
      break;
    }
    offset = next.offset ?? offset;
    node = resolve(document, next.node);
  }
  const { line, col } = lines.linePos(offset);
  const source = complete && isScalar(node) ? node.source : undefined;
  return { line: Math.max(line, 1), column: Math.max(col, 1), source };
}

function resolve(document: Document, node: unknown): Node | undefined {
  if (isAlias(node)) return node.resolve(document);
  return isMap(node) || isSeq(node) || isScalar(node) ? node : undefined;
}

function child(
  document: Document,
  node: Node | undefined,
  step: string | number,
): { node: unknown; offset?: number | undefined } | undefined {
  if (isSeq(node) && typeof step === 'number') {
    const item = node.items[step] as Node | undefined;
    return item === undefined ? undefined : { node: item, offset: item.range?.[0] };
  }
  if (!isMap(node)) return undefined;
  for (const { key, value } of node.items) {
    const scalar = resolve(document, key);
    if (isScalar(scalar) && String(scalar.value) === String(step)) {
      return { node: value, offset: (key as Node).range?.[0] };
    }
  }
  return undefined;
}
