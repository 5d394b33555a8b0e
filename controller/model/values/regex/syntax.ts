/** A regular expression as a tree. What only captures, or is told apart by case, is not in it. */
import type { ByteSet } from './byte-set.ts';

export type Node =
  /** One byte out of a set. */
  | { readonly kind: 'byte'; readonly set: ByteSet }
  /** Always matches, and takes nothing. */
  | { readonly kind: 'nothing' }
  /** `\b` and `\B`. */
  | { readonly kind: 'boundary' }
  /** `^` and `\A`. */
  | { readonly kind: 'start' }
  /** `$`, `\Z` and `\z`. */
  | { readonly kind: 'end' }
  /** A look ahead or behind: matches its item, and takes nothing. */
  | { readonly kind: 'look'; readonly item: Node }
  /** `atomic`: once it has matched, no other way through it is tried. */
  | { readonly kind: 'group'; readonly item: Node; readonly atomic: boolean }
  | { readonly kind: 'sequence'; readonly items: readonly Node[] }
  | { readonly kind: 'branches'; readonly items: readonly Node[] }
  /** `most` is Infinity where there is no bound. */
  | { readonly kind: 'repeat'; readonly item: Node; readonly least: number; readonly most: number };

export interface Parsed {
  readonly tree: Node;
  /** Groups that capture. */
  readonly captures: number;
  /** Dots may stop at line feeds, whatever flags the pattern is used with. */
  readonly dotsStop: boolean;
  /** What to give to PCRE: the text without the names of groups. */
  readonly pattern: string;
}

/** Thrown by the parser. `at`: the UTF-16 index in the text. */
export class NotInGrammar extends Error {
  readonly reason: string;
  readonly at: number;

  constructor(reason: string, at: number) {
    super(reason);
    this.reason = reason;
    this.at = at;
  }
}

const NOTHING: Node = { kind: 'nothing' };

export function sequence(items: readonly Node[]): Node {
  const [first] = items;
  return first === undefined ? NOTHING : items.length === 1 ? first : { kind: 'sequence', items };
}

export function branches(items: readonly Node[]): Node {
  const [first = NOTHING] = items;
  return items.length === 1 ? first : { kind: 'branches', items };
}

/** The nodes right within a node. */
export function within(node: Node): readonly Node[] {
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

/** Whether a node can match nothing at all; `places`: the answer where that depends on the place. */
export function canBeEmpty(node: Node, places = true): boolean {
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
