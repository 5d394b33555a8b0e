/** What a pattern may cost a worker of NGINX. */
import { ambiguityOf, MOST_WORK, TooComplex } from './ambiguity.ts';
import { automatonOf, TooLarge } from './automaton.ts';
import { MOST_COMPILED } from './bounds.ts';
import { ALL } from './byte-set.ts';
import { compiledSize } from './compiled-size.ts';
import { type Node, type Parsed, sequence, within } from './syntax.ts';
import { type TailPart, withoutTail } from './tail.ts';

export interface Verdict {
  /** Why it may not be used at all. */
  readonly refused?: string;
  /** It may be used with this limit of PCRE's steps only. */
  readonly limit?: number;
  /** PCRE tries it at the start of a text only. */
  readonly anchored: boolean;
  /** At most, for a text of 8 KiB that it does not match. */
  readonly steps: number;
  /** What it took to tell. */
  readonly work: number;
}

/** Steps up to which a pattern needs no limit: about 2 ms. */
const FEW_STEPS = 500_000;
/** Steps that PCRE counts until it gives up: about 3 ms. */
const STEP_LIMIT = 200_000;
/** To enter and leave a group. */
const GROUP_STEPS = 6;
/** Ours for one of PCRE's. */
const PER_COUNTED = 7;
/** Beyond, what does not grow with the text is too much as well. */
const MANY_STEPS = 1e9;

const SLOW = 'can take very long on some requests (nested or adjacent repetitions)';

/** `lines`: dots stop at line feeds, and there may be some, so that `.*$` can fail. */
export function judge({ tree, captures, dotsStop }: Parsed, lines: boolean): Verdict {
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
    // Who gets to the tail has matched: no other pattern of the host is tried.
    if (degree === 0 && most <= FEW_STEPS) return { anchored, steps: ambiguities[0]?.steps ?? 0, work };
    // PCRE does not count what it does without a way back.
    if (holdsAtomicLoop(tree, false)) return { refused: SLOW, anchored, steps: 0, work };
    return { limit: limitOf(captures, stepsBetween(tree)), anchored, steps: STEP_LIMIT * PER_COUNTED, work };
  } catch (error) {
    if (error instanceof TooLarge)
      return { refused: 'is too large once its repetitions are written out', anchored, steps: 0, work: MOST_WORK };
    if (error instanceof TooComplex)
      return { refused: 'is too complex to tell how long it can take', anchored, steps: 0, work: MOST_WORK };
    throw error;
  }
}

/** Every step that may be taken back keeps the captures, and is followed by some that cannot and are not counted. */
function limitOf(captures: number, between: number): number {
  return Math.round(STEP_LIMIT / (1 + captures / 8 + between / 16));
}

/** Steps that PCRE may take without counting one: the bytes of a pattern, and its groups, each as often as it is written. */
function stepsBetween(node: Node): number {
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

function startsWithStart(node: Node): boolean {
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

/** What is searched has one line, or is searched as if it had: `.*$` at the end cannot fail. */
function withoutLineEnd(node: Node): Node {
  if (node.kind !== 'sequence') return node;
  const [before, last] = node.items.slice(-2);
  const sure = last?.kind === 'end' && before?.kind === 'repeat' && before.least === 0 && before.most === Infinity;
  return sure && before.item.kind === 'byte' && before.item.set === ALL ? sequence(node.items.slice(0, -2)) : node;
}

function holdsAtomicLoop(node: Node, atomic: boolean): boolean {
  if (node.kind === 'repeat' && node.most === Infinity && atomic) return true;
  const inside = atomic || node.kind === 'look' || (node.kind === 'group' && node.atomic);
  return within(node).some((item) => holdsAtomicLoop(item, inside));
}
