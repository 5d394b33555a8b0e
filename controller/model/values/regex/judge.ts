/** Judges how much time the matching of a pattern may cost a worker of NGINX. */
import { ambiguityOf, MOST_WORK, TooComplex } from './ambiguity.ts';
import { automatonOf, TooLarge } from './automaton.ts';
import { MOST_COMPILED } from './bounds.ts';
import { ALL } from './byte-set.ts';
import { compiledSize } from './compiled-size.ts';
import { type RegexNode, type ParsedRegex, sequence, within } from './syntax.ts';
import { type TailPart, withoutTail } from './tail.ts';

export interface RegexVerdict {
  /** Why the pattern must not be used at all. */
  readonly refused?: string;
  /** The limit on PCRE's steps that the pattern needs; undefined if it needs no limit. */
  readonly limit?: number;
  /** Whether PCRE tries the pattern only at the start of a string. */
  readonly anchored: boolean;
  /** Maximum steps for a string of 8 KiB that does not match. */
  readonly steps: number;
  /** Work of the analysis. */
  readonly work: number;
}

/** Patterns that take at most this number of steps need no limit; this takes about 2 ms. */
const FEW_STEPS = 500_000;
/** Number of steps, as counted by PCRE, after which matching is aborted; this takes about 3 ms. */
const STEP_LIMIT = 200_000;
/** Steps to enter and leave a group. */
const GROUP_STEPS = 6;
/** Number of our steps that correspond to one step counted by PCRE. */
const PER_COUNTED = 7;
/** A pattern that may take more steps is refused, however the number of steps grows with the text. */
const MANY_STEPS = 1e9;

const SLOW = 'can take a very long time on some requests (nested or adjacent repetitions)';

/** Judges a pattern. `lines`: whether the text may contain line feeds, at which dots stop, so that `.*$` can fail. */
export function judge({ tree, captures, dotsStop }: ParsedRegex, lines: boolean): RegexVerdict {
  const anchored = startsWithStart(tree);
  let work = 0;
  try {
    if (compiledSize(tree) > MOST_COMPILED) throw new TooLarge();
    const parts: TailPart[] = [];
    const head = withoutTail(lines || dotsStop ? tree : withoutLineEnd(tree), parts);
    const ambiguities = [{ tree: head, again: true }, ...parts].map((part) => {
      const ambiguity = ambiguityOf(automatonOf(part.tree, part.again));
      work += ambiguity.work;
      return ambiguity;
    });
    const most = Math.max(...ambiguities.map(({ steps }) => steps));
    const degree = Math.max(...ambiguities.map((each) => each.degree));
    if (degree > 1 || most > MANY_STEPS) return { refused: SLOW, anchored, steps: 0, work };
    // If a string reaches the tail, it matches, and nginx tries no other pattern of the host: only the head's steps
    // count.
    if (degree === 0 && most <= FEW_STEPS) return { anchored, steps: ambiguities[0]?.steps ?? 0, work };
    // PCRE does not count steps that it cannot backtrack, so a limit would not stop a loop in an atomic group.
    if (holdsAtomicLoop(tree, false)) return { refused: SLOW, anchored, steps: 0, work };
    return { limit: limitOf(captures, stepsBetween(tree)), anchored, steps: STEP_LIMIT * PER_COUNTED, work };
  } catch (error) {
    if (error instanceof TooLarge)
      return { refused: 'is too large once its repetitions are written out', anchored, steps: 0, work: MOST_WORK };
    if (error instanceof TooComplex)
      return { refused: 'is too complex to estimate its run time', anchored, steps: 0, work: MOST_WORK };
    throw error;
  }
}

/** The limit is lower if a counted step takes longer: it stores all captures, and uncounted steps may follow it. */
function limitOf(captures: number, between: number): number {
  return Math.round(STEP_LIMIT / (1 + captures / 8 + between / 16));
}

/** Maximum number of uncounted steps between two counted ones: bytes and groups, after repetitions are expanded. */
function stepsBetween(node: RegexNode): number {
  const inside = within(node).reduce((sum, item) => sum + stepsBetween(item), 0);
  switch (node.kind) {
    case 'byte':
      return 1;
    case 'group':
    case 'look':
      return GROUP_STEPS + inside;
    case 'repeat':
      return inside * (node.most === Infinity ? Math.max(node.least, 1) : node.most);
    case 'sequence':
    case 'branches':
    case 'nothing':
    case 'boundary':
    case 'start':
    case 'end':
      return inside;
  }
}

function startsWithStart(node: RegexNode): boolean {
  switch (node.kind) {
    case 'start':
      return true;
    case 'group':
      return startsWithStart(node.item);
    case 'sequence': {
      const first = node.items.find(({ kind }) => kind !== 'nothing');
      return first !== undefined && startsWithStart(first);
    }
    case 'branches':
      return node.items.every(startsWithStart);
    case 'byte':
    case 'nothing':
    case 'boundary':
    case 'end':
    case 'look':
    case 'repeat':
      return false;
  }
}

/** Removes `.*$` from the end of a pattern: in a string of one line it cannot fail. */
function withoutLineEnd(node: RegexNode): RegexNode {
  if (node.kind !== 'sequence') return node;
  const [before, last] = node.items.slice(-2);
  const sure = last?.kind === 'end' && before?.kind === 'repeat' && before.least === 0 && before.most === Infinity;
  return sure && before.item.kind === 'byte' && before.item.set === ALL ? sequence(node.items.slice(0, -2)) : node;
}

function holdsAtomicLoop(node: RegexNode, atomic: boolean): boolean {
  if (node.kind === 'repeat' && node.most === Infinity && atomic) return true;
  const inside = atomic || node.kind === 'look' || (node.kind === 'group' && node.atomic);
  return within(node).some((item) => holdsAtomicLoop(item, inside));
}
