/**
 * Upper bound for the number of paths through an automaton for a text of n bytes: a backtracking matcher tries them all
 * before it gives up (Weber and Seidl, "On the degree of ambiguity of finite automata"; Weideman et al., "Analyzing
 * matching time behavior of backtracking regular expression matchers by using ambiguity of NFA"). All estimates err on
 * the high side.
 */
import { type ByteSet, emptySet, forEachByte, intersection, meet, union } from './byte-set.ts';
import { type Automaton, BEGIN } from './automaton.ts';
import { type Components, componentsOf } from './components.ts';
import { nth } from './nth.ts';

/** Maximum work of one analysis, in pairs of states. */
export const MOST_WORK = 12_000;

/** Bytes of the longest text that is matched: the first line of a request. */
const LONGEST = 8192;

export class TooComplex extends Error {}

export interface Ambiguity {
  /** The number of paths grows like n to this power; Infinity if it grows exponentially. */
  readonly degree: number;
  /** For degree 0: maximum steps for a text of 8 KiB. */
  readonly steps: number;
  /** Work of this analysis. */
  readonly work: number;
}

interface Analysis extends Automaton, Components {
  /** Per component: the union of its states' bytes. */
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
    // Most components have one state, and most states of a repetition accept the very same set.
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

/** Number of states and edges. */
function sizeOf({ edges }: Automaton): number {
  return edges.reduce((sum, each) => sum + 1 + each.size, 0);
}

/**
 * Number of paths through one loop for the same text: 1, the number of its states, or Infinity if they multiply with
 * each round.
 */
function waysWithin(analysis: Analysis, component: number): number {
  const { edges, sets, of, members } = analysis;
  const size = sets.length;
  /** Pairs of states that one text can lead to, each as one number. */
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

/** The longest chain of loops in which a text that repeats one loop can also lead to the next and repeat that. */
function degreeOf(analysis: Analysis): number {
  const { members, loops } = analysis;
  const degrees: number[] = [];
  const upstream = reached(analysis);
  // Edges lead to smaller numbers, so predecessors have larger ones.
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

/** Per component, the loops that lead to it. */
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

/** Whether bytes that both loops accept can lead from one to the other. */
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
 * Maximum number of bytes accepted and refused, if no chain of loops multiplies: for the text that keeps most paths
 * alive. `inner`: per component, the paths within it.
 */
// oxlint-disable-next-line eslint/complexity -- one proof over one graph: its parts share every table of it
function stepsOf(analysis: Analysis, inner: readonly number[]): number {
  const { members, loops, edges, sets, of, alphabets, weights } = analysis;
  const size = sets.length;
  const single = members.filter((_, at) => loops[at] !== true).length;
  const ways: number[] = Array.from({ length: size }, () => 0);
  const late: boolean[] = Array.from({ length: size }, () => false);
  /** Whether a text may reach a state at several positions, long after the loop before it was left. */
  const wanders: boolean[] = Array.from({ length: size }, () => false);
  ways[BEGIN] = 1;
  /** Whether a text can leave a loop at only one position. */
  const leftOnce = members.map((states, at) =>
    states.every((state) =>
      [...nth(edges, state).keys()].every((to) => of[to] === at || !meet(nth(sets, to), nth(alphabets, at))),
    ),
  );
  /** Alphabet of a component → cost after each byte of it. */
  const costs = edges.map((next) => [...next].reduce((sum, [to, times]) => sum + times * nth(weights, to), 1));
  let before = 0;
  /** Alphabet of a component → cost after each byte of it. */
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
        // A byte that the loop does not accept, right before it, ends all earlier rounds.
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

/** Maximum cost after one byte: only states that accept the byte can be alive then. */
function mostOfByte(perAlphabet: ReadonlyMap<ByteSet, number>): number {
  const perByte = new Float64Array(256);
  for (const [alphabet, steps] of perAlphabet)
    forEachByte(alphabet, (byte) => (perByte[byte] = (perByte[byte] ?? 0) + steps));
  return Math.max(...perByte);
}
