/** The syntax tree of a regular expression; it does not distinguish capturing groups, or upper and lower case. */
import type { ByteSet } from './byte-set.ts';

export type RegexNode =
  /** Matches one byte from a set. */
  | { readonly kind: 'byte'; readonly set: ByteSet }
  /** Always matches, without consuming a byte. */
  | { readonly kind: 'nothing' }
  /** `\b` and `\B`. */
  | { readonly kind: 'boundary' }
  /** `^` and `\A`. */
  | { readonly kind: 'start' }
  /** `$`, `\Z` and `\z`. */
  | { readonly kind: 'end' }
  /** A look-ahead or lookbehind, which does not consume bytes. */
  | { readonly kind: 'look'; readonly item: RegexNode }
  /** `atomic`: after the group has matched, it is not backtracked. */
  | { readonly kind: 'group'; readonly item: RegexNode; readonly atomic: boolean }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'branches'; readonly items: readonly RegexNode[] }
  /** A repetition; `most` is Infinity if the number of repetitions is not limited. */
  | { readonly kind: 'repeat'; readonly item: RegexNode; readonly least: number; readonly most: number };

export interface ParsedRegex {
  readonly tree: RegexNode;
  /** Number of capturing groups. */
  readonly captures: number;
  /** A flag inside the pattern makes dots stop at line feeds. */
  readonly dotsStop: boolean;
  /** The pattern for PCRE: the text without the names of groups. */
  readonly pattern: string;
}

/** Thrown by the parser for text that is refused. `at`: the UTF-16 index in the text. */
export class NotInGrammar extends Error {
  readonly reason: string;
  readonly at: number;

  constructor(reason: string, at: number) {
    super(reason);
    this.reason = reason;
    this.at = at;
  }
}

const NOTHING: RegexNode = { kind: 'nothing' };

export function sequence(items: readonly RegexNode[]): RegexNode {
  const [first] = items;
  return first === undefined ? NOTHING : items.length === 1 ? first : { kind: 'sequence', items };
}

export function branches(items: readonly RegexNode[]): RegexNode {
  const [first = NOTHING] = items;
  return items.length === 1 ? first : { kind: 'branches', items };
}

/** The direct children of a node. */
export function within(node: RegexNode): readonly RegexNode[] {
  switch (node.kind) {
    case 'look':
    case 'group':
    case 'repeat':
      return [node.item];
    case 'sequence':
    case 'branches':
      return node.items;
    case 'byte':
    case 'nothing':
    case 'boundary':
    case 'start':
    case 'end':
      return [];
  }
}

/** Whether a node can match the empty text. `places`: result for nodes for which this depends on the position. */
export function canBeEmpty(node: RegexNode, places = true): boolean {
  switch (node.kind) {
    case 'byte':
      return false;
    case 'nothing':
      return true;
    case 'boundary':
    case 'start':
    case 'end':
    case 'look':
      return places;
    case 'group':
      return canBeEmpty(node.item, places);
    case 'sequence':
      return node.items.every((item) => canBeEmpty(item, places));
    case 'branches':
      return node.items.some((item) => canBeEmpty(item, places));
    case 'repeat':
      return node.least === 0 || canBeEmpty(node.item, places);
  }
}
