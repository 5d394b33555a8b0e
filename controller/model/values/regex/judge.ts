/** Judges how much time a pattern may cost a worker of NGINX. */
import { ambiguityOf, MOST_WORK, TooComplex } from './ambiguity.ts';
import { automatonOf, TooLarge } from './automaton.ts';
import { MOST_COMPILED } from './bounds.ts';
import { ALL } from './byte-set.ts';
import { compiledSize } from './compiled-size.ts';
import { type Node, type ParsedRegex, sequence, within } from './syntax.ts';
import { type TailPart, withoutTail } from './tail.ts';

export interface RegexVerdict {
  /** Why it must not be used at all. */
  readonly refused?: string;
  /** The limit of PCRE's steps that it needs. */
  readonly limit?: number;
  /** PCRE tries it only at the start of a text. */
  readonly anchored: boolean;
  /** Maximum steps for a text of 8 KiB that does not match. */
  readonly steps: number;
  /** Work of the analysis. */
  readonly work: number;
}

/** Steps that need no limit: about 2 ms. */
const FEW_STEPS = 500_000;
/** Counted steps after which PCRE gives up: about 3 ms. */
const STEP_LIMIT = 200_000;
/** Steps to enter and leave a group. */
const GROUP_STEPS = 6;
/** Our steps for each of PCRE's. */
const PER_COUNTED = 7;
/** Refused beyond this number of steps, even if they do not grow with the text. */
const MANY_STEPS = 1e9;

const SLOW = 'can take very long on some requests (nested or adjacent repetitions)';

/** `lines`: dots stop at line feeds, and the text may contain some, so `.*$` can fail. */
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
    // Once a text reaches the tail, it matches: nginx tries no other pattern of the host.
    if (degree === 0 && most <= FEW_STEPS) return { anchored, steps: ambiguities[0]?.steps ?? 0, work };
    // PCRE does not count steps that it cannot backtrack.
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

/** Every counted step stores the captures, and uncounted ones may follow it. */
function limitOf(captures: number, between: number): number {
  return Math.round(STEP_LIMIT / (1 + captures / 8 + between / 16));
}

/** Steps between two counted ones, at most: the bytes and groups of a pattern, each as often as it is written out. */
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

/** In a text of one line `.*$` at the end cannot fail. */
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
