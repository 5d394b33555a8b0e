/**
 * Builds from a syntax tree the automaton whose paths are the attempts of a backtracking matcher. It has one state for
 * each byte of the pattern, after counted repetitions are expanded, and an edge from a byte to each byte that may
 * follow.
 */
import { MOST_EDGES, MOST_STATES } from './bounds.ts';
import { ALL, type ByteSet, emptySet } from './byte-set.ts';
import type { RegexNode } from './syntax.ts';
import { nth } from './nth.ts';

/** State → number of ways to reach it. */
type Ways = Map<number, number>;

export interface Automaton {
  /** For each state, the bytes that it accepts. */
  readonly sets: readonly ByteSet[];
  /** For each state, the cost of trying it, in steps. */
  readonly weights: readonly number[];
  /** For each state, its possible successors. */
  readonly edges: readonly Ways[];
}

/** A part of the automaton: its possible first and last states, and in how many ways it can match the empty text. */
interface Part {
  first: Ways;
  last: Ways;
  empty: number;
}

export class TooLarge extends Error {}

interface Building {
  readonly sets: ByteSet[];
  readonly edges: Ways[];
  readonly weights: number[];
  count: number;
}

/** Cost of entering and leaving a group, in steps. */
const GROUP_WEIGHT = 6;

/** The start state, before any byte. */
export const BEGIN = 0;

/**
 * The automaton of a pattern. `search`: whether PCRE tries the pattern at every position of the text, except for
 * anchored alternatives.
 */
export function automatonOf(tree: RegexNode, search: boolean): Automaton {
  const building: Building = { sets: [], edges: [], weights: [], count: 0 };
  state(building, emptySet());
  const alternatives = tree.kind === 'branches' ? tree.items : [tree];
  const roams = search && alternatives.some((each) => !isAnchored(each));
  const roaming = roams ? state(building, ALL) : BEGIN;
  if (roams) {
    connect(building, BEGIN, roaming, 1);
    connect(building, roaming, roaming, 1);
  }
  for (const alternative of alternatives) {
    const anchored = !roams || isAnchored(alternative);
    const { first } = ended(building, build(building, alternative, anchored ? undefined : 0));
    for (const from of anchored ? [BEGIN] : [BEGIN, roaming])
      for (const [to, ways] of first) connect(building, from, to, ways);
  }
  return building;
}

/**
 * Whether PCRE tries a pattern only at the start of the text, or of each line. `.*` at the beginning of a pattern has
 * this effect, unless it is inside an atomic group (`atomic`), where it cannot be backtracked.
 */
function isAnchored(node: RegexNode, atomic = false): boolean {
  switch (node.kind) {
    case 'start':
      return true;
    case 'sequence':
      return node.items.some((item, at) => isAnchored(item, atomic) && node.items.slice(0, at).every(takesNothing));
    case 'branches':
      return node.items.every((item) => isAnchored(item, atomic));
    case 'repeat':
      return (
        !atomic && node.most === Infinity && node.item.kind === 'byte' && node.item.set === ALL && node.least === 0
      );
    case 'group':
      return isAnchored(node.item, atomic || node.atomic);
    case 'byte':
    case 'nothing':
    case 'boundary':
    case 'end':
    case 'look':
      return false;
  }
}

function takesNothing({ kind }: RegexNode): boolean {
  return kind === 'nothing';
}

/** Adds a state. `groups`: number of enclosing groups inside a repetition; undefined outside of repetitions. */
function state({ sets, edges, weights }: Building, set: ByteSet, groups?: number): number {
  if (sets.length >= MOST_STATES) throw new TooLarge();
  weights.push(1 + GROUP_WEIGHT * (groups ?? 0));
  edges.push(new Map());
  return sets.push(set) - 1;
}

function connect(building: Building, from: number, to: number, ways: number): void {
  const edges = nth(building.edges, from);
  const known = edges.get(to);
  if (known === undefined && (building.count += 1) > MOST_EDGES) throw new TooLarge();
  edges.set(to, Math.min((known ?? 0) + ways, Number.MAX_SAFE_INTEGER));
}

function join(building: Building, from: Ways, to: Ways): void {
  for (const [last, a] of from) for (const [first, b] of to) connect(building, last, first, a * b);
}

/** Adds the ways in `from`, multiplied by `times`, to `into`. */
function merge(into: Ways, from: Ways, times: number): void {
  for (const [key, ways] of from) into.set(key, (into.get(key) ?? 0) + ways * times);
}

/**
 * Adds an end state to a part. It stands for a failure after the part, which makes the matcher try all ways through the
 * part.
 */
function ended(building: Building, part: Part): Part {
  const end = state(building, ALL);
  return concatenate(building, part, { first: new Map([[end, 1]]), last: new Map(), empty: 0 });
}

/** Builds the part for a node. Each part is used only once, so its maps may be modified. `groups`: as in `state`. */
function build(building: Building, node: RegexNode, groups: number | undefined): Part {
  switch (node.kind) {
    case 'byte': {
      const own = state(building, node.set, groups);
      return { first: new Map([[own, 1]]), last: new Map([[own, 1]]), empty: 0 };
    }
    case 'nothing':
    case 'boundary':
    case 'start':
    case 'end':
      return passed();
    case 'look':
      // A look-around is tried, but the matcher continues at the position before it.
      return { first: ended(building, build(building, node.item, groups)).first, last: new Map(), empty: 1 };
    case 'group':
      return build(building, node.item, groups === undefined ? undefined : groups + 1);
    case 'sequence':
      return node.items.reduce<Part>(
        (before, item) => concatenate(building, before, build(building, item, groups)),
        passed(),
      );
    case 'branches': {
      const result: Part = { first: new Map(), last: new Map(), empty: 0 };
      for (const item of node.items) {
        const part = build(building, item, groups);
        merge(result.first, part.first, 1);
        merge(result.last, part.last, 1);
        result.empty += part.empty;
      }
      return result;
    }
    case 'repeat':
      return repeat(building, node, groups);
  }
}

function passed(): Part {
  return { first: new Map(), last: new Map(), empty: 1 };
}

function concatenate(building: Building, a: Part, b: Part): Part {
  join(building, a.last, b.first);
  if (a.empty > 0) merge(a.first, b.first, a.empty);
  if (b.empty > 0) merge(b.last, a.last, b.empty);
  return { first: a.first, last: b.last, empty: Math.min(a.empty * b.empty, Number.MAX_SAFE_INTEGER) };
}

function repeat(
  building: Building,
  { item, least, most }: RegexNode & { readonly kind: 'repeat' },
  groups: number | undefined,
): Part {
  const inside = most === Infinity ? (groups ?? 0) : groups;
  let rest = passed();
  const copies = most === Infinity ? Math.max(least, 1) : most;
  for (let copy = copies; copy >= 1; copy -= 1) {
    const part = build(building, item, inside);
    if (copy === copies && most === Infinity) join(building, part.last, part.first);
    rest = concatenate(building, part, rest);
    if (copy > least) rest.empty += 1;
  }
  return rest;
}
