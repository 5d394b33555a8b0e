/**
 * Computes an upper bound for the number of paths through an automaton for a string of n bytes. A backtracking matcher
 * tries all of these paths before it reports that the text does not match (Weber and Seidl, "On the degree of ambiguity
 * of finite automata"; Weideman et al., "Analyzing matching time behavior of backtracking regular expression matchers
 * by using ambiguity of NFA"). All estimates err on the high side.
 */
import { type ByteSet, emptySet, forEachByte, intersection, meet, union } from './byte-set.ts';
import { type Automaton, BEGIN } from './automaton.ts';
import { type Components, componentsOf } from './components.ts';
import { nth } from './nth.ts';

/** Maximum work of one analysis, in pairs of states. */
export const MOST_WORK = 12_000;

/** Bytes of the longest text that is matched: the request line, which fits into one buffer of 8 KiB. */
const LONGEST = 8192;

export class TooComplex extends Error {}

export interface Ambiguity {
  /** The number of paths grows like n to the power of this degree; Infinity if the number grows exponentially. */
  readonly degree: number;
  /** Maximum steps for a string of 8 KiB; valid only if the degree is 0. */
  readonly steps: number;
  /** Work of this analysis. */
  readonly work: number;
}

interface Analysis extends Automaton, Components {
  /** For each component, the bytes that any of its states accepts. */
  readonly alphabets: readonly ByteSet[];
  work: number;
}

function spend(analysis: Analysis, amount: number): void {
  analysis.work += amount;
  if (analysis.work > MOST_WORK) throw new TooComplex();
}

export function ambiguityOf(automaton: Automaton): Ambiguity {
  const components = componentsOf(automaton.edges);
  const alphabets = components.members.map((states) => {
    // Most components have only one state; they share the set object of that state.
    if (states.length === 1) return nth(automaton.sets, nth(states, 0));
    const alphabet = emptySet();
    for (const state of states) union(alphabet, nth(automaton.sets, state));
    return alphabet;
  });
  const analysis: Analysis = { ...automaton, ...components, alphabets, work: 0 };
  const inner = components.members.map((_, at) => (components.loops[at] === true ? waysWithin(analysis, at) : 1));
  const multiplies = inner.includes(Infinity);
  const degree = multiplies ? Infinity : degreeOf(analysis);
  const steps = multiplies ? Infinity : stepsOf(analysis, inner);
  return { degree, steps, work: analysis.work + sizeOf(automaton) };
}

/** Number of states and edges of an automaton. */
function sizeOf({ edges }: Automaton): number {
  return edges.reduce((sum, each) => sum + 1 + each.size, 0);
}

/**
 * Upper bound for the number of paths through one loop for the same string: 1, the number of the loop's states, or
 * Infinity if the number of paths multiplies with each round.
 */
function waysWithin(analysis: Analysis, component: number): number {
  const { edges, sets, of, members } = analysis;
  const size = sets.length;
  /** Pairs of states to which the same string can lead, each encoded as one number. */
  const seen = new Set<number>();
  const left: number[] = [];
  const visit = (a: number, b: number): void => {
    if (of[a] !== component || of[b] !== component) return;
    const pair = Math.min(a, b) * size + Math.max(a, b);
    if (seen.has(pair) || !meet(nth(sets, a), nth(sets, b))) return;
    seen.add(pair);
    left.push(pair);
  };
  for (const state of nth(members, component)) {
    const next: number[] = [];
    for (const [to, ways] of nth(edges, state)) {
      if (of[to] !== component) continue;
      if (ways > 1) return Infinity;
      next.push(to);
    }
    spend(analysis, next.length * next.length);
    for (let at = 0; at < next.length; at += 1)
      for (let other = at + 1; other < next.length; other += 1) visit(nth(next, at), nth(next, other));
  }
  const several = left.length > 0;
  for (let pair = left.pop(); pair !== undefined; pair = left.pop()) {
    const [a, b] = [Math.floor(pair / size), pair % size];
    if (a === b) return Infinity;
    spend(analysis, nth(edges, a).size * nth(edges, b).size);
    for (const to of nth(edges, a).keys()) for (const other of nth(edges, b).keys()) visit(to, other);
  }
  return several ? nth(members, component).length : 1;
}

/**
 * Length of the longest chain of loops in which one string can repeat a loop, or go on to the next loop and repeat
 * that.
 */
function degreeOf(analysis: Analysis): number {
  const { members, loops } = analysis;
  const degrees: number[] = [];
  const upstream = reached(analysis);
  // Edges lead to components with smaller numbers, so the predecessors of a component have larger numbers.
  for (let component = members.length - 1; component >= 0; component -= 1) {
    let degree = 0;
    for (const before of nth(upstream, component)) {
      const more = loops[component] === true && leads(analysis, before, component) ? 1 : 0;
      degree = Math.max(degree, nth(degrees, before) + more);
    }
    degrees[component] = degree;
  }
  return Math.max(...degrees);
}

/** For each component, the loops from which it can be reached. */
function reached(analysis: Analysis): readonly ReadonlySet<number>[] {
  const { members, loops, edges, of } = analysis;
  const result = members.map(() => new Set<number>());
  for (let component = members.length - 1; component >= 0; component -= 1) {
    const own = nth(result, component);
    for (const state of nth(members, component)) {
      for (const to of nth(edges, state).keys()) {
        const next = nth(of, to);
        if (next === component) continue;
        spend(analysis, own.size);
        for (const each of own) nth(result, next).add(each);
        if (loops[component] === true) nth(result, next).add(component);
      }
    }
  }
  return result;
}

/** Whether a string of bytes that both loops accept can lead from one loop to the other. */
function leads(analysis: Analysis, from: number, to: number): boolean {
  const { members, edges, sets, of, alphabets } = analysis;
  spend(analysis, 10);
  const both = intersection(nth(alphabets, from), nth(alphabets, to));
  if (!meet(both, both)) return false;
  const seen = new Set<number>(members[from]);
  const left = [...seen];
  for (let state = left.pop(); state !== undefined; state = left.pop()) {
    spend(analysis, nth(edges, state).size);
    for (const next of nth(edges, state).keys()) {
      if (seen.has(next) || nth(of, next) < to || !meet(nth(sets, next), both)) continue;
      if (of[next] === to) return true;
      seen.add(next);
      left.push(next);
    }
  }
  return false;
}

/**
 * Maximum number of steps, that is, of bytes that states accept or refuse, for the worst text. Valid only if no chain
 * of loops multiplies the number of paths. `inner`: for each component, the number of paths inside it.
 */
// oxlint-disable-next-line eslint/complexity -- one computation over one graph, whose parts share all of these tables
function stepsOf(analysis: Analysis, inner: readonly number[]): number {
  const { members, loops, edges, sets, of, alphabets, weights } = analysis;
  const size = sets.length;
  const single = members.filter((_, at) => loops[at] !== true).length;
  const ways: number[] = Array.from({ length: size }, () => 0);
  const late: boolean[] = Array.from({ length: size }, () => false);
  /**
   * Whether a string can reach a state at several positions, because it can leave an earlier loop at several positions.
   */
  const wanders: boolean[] = Array.from({ length: size }, () => false);
  ways[BEGIN] = 1;
  /** For each component, whether a string can leave it at only one position. */
  const leftOnce = members.map((states, at) =>
    states.every((state) =>
      [...nth(edges, state).keys()].every((to) => of[to] === at || !meet(nth(sets, to), nth(alphabets, at))),
    ),
  );
  /** For each state, the cost of trying all successors after the state accepted a byte. */
  const costs = edges.map((next) => [...next].reduce((sum, [to, times]) => sum + times * nth(weights, to), 1));
  let before = 0;
  /** Alphabet of components → their cost after each byte of the alphabet. */
  const perAlphabet = new Map<ByteSet, number>();
  for (let component = members.length - 1; component >= 0; component -= 1) {
    const states = nth(members, component);
    const isLoop = loops[component] === true;
    if (isLoop) {
      const total = states.reduce((sum, state) => sum + nth(ways, state), 0) * nth(inner, component);
      for (const state of states) [ways[state], late[state]] = [total, true];
    }
    if (states.some((state) => late[state] === true)) {
      const most = Math.max(...states.map((state) => nth(ways, state) * nth(costs, state)));
      const alphabet = nth(alphabets, component);
      perAlphabet.set(alphabet, (perAlphabet.get(alphabet) ?? 0) + most);
    }
    for (const state of states) {
      if (late[state] !== true) before += nth(ways, state) * nth(costs, state);
      for (const [to, times] of nth(edges, state)) {
        if (of[to] === component) continue;
        const target = nth(of, to);
        const wandering = isLoop ? leftOnce[component] !== true : wanders[state] === true;
        // If the byte right before a loop is not one that the loop accepts, it ends all earlier rounds of the loop.
        const several =
          wandering && loops[target] === true && (isLoop || meet(nth(sets, state), nth(alphabets, target)));
        ways[to] = nth(ways, to) + nth(ways, state) * times * (several ? 2 * (single + 1) : 1);
        if (late[state] === true) late[to] = true;
        if (wandering && loops[target] !== true) wanders[to] = true;
      }
    }
  }
  return before + LONGEST * mostOfByte(perAlphabet);
}

/** Maximum cost after one byte: only states that accept this byte can be active after it. */
function mostOfByte(perAlphabet: ReadonlyMap<ByteSet, number>): number {
  const perByte = new Float64Array(256);
  for (const [alphabet, steps] of perAlphabet)
    forEachByte(alphabet, (byte) => (perByte[byte] = (perByte[byte] ?? 0) + steps));
  return Math.max(...perByte);
}
