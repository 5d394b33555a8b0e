/** Loops of an automaton: its strongly connected components (Tarjan's algorithm). */
import { nth } from './nth.ts';

export interface Components {
  /** Per state, the number of its component. An edge never leads to a larger number. */
  readonly of: readonly number[];
  /** States of each component. */
  readonly members: readonly (readonly number[])[];
  /** Whether a component is a loop, and not a single state without an edge to itself. */
  readonly loops: readonly boolean[];
}

/** Without recursion: a pattern may have thousands of states. */
export function componentsOf(edges: readonly ReadonlyMap<number, number>[]): Components {
  const size = edges.length;
  const index: number[] = Array.from({ length: size }, () => -1);
  const low: number[] = Array.from({ length: size }, () => 0);
  const of: number[] = Array.from({ length: size }, () => -1);
  const members: number[][] = [];
  const loops: boolean[] = [];
  const open: number[] = [];
  let next = 0;
  for (let root = 0; root < size; root += 1) {
    if (index[root] !== -1) continue;
    const path: { readonly state: number; readonly left: Iterator<number> }[] = [];
    const enter = (state: number): void => {
      index[state] = low[state] = next;
      next += 1;
      open.push(state);
      path.push({ state, left: nth(edges, state).keys() });
    };
    enter(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { state, left } = top;
      const step = left.next();
      if (step.done !== true) {
        const to = step.value;
        if (index[to] === -1) enter(to);
        else if (of[to] === -1) low[state] = Math.min(nth(low, state), nth(index, to));
        continue;
      }
      path.pop();
      const before = path.at(-1);
      if (before !== undefined) low[before.state] = Math.min(nth(low, before.state), nth(low, state));
      if (low[state] !== index[state]) continue;
      const component = open.splice(open.lastIndexOf(state));
      for (const member of component) of[member] = members.length;
      members.push(component);
      loops.push(component.length > 1 || nth(edges, state).has(state));
    }
  }
  return { of, members, loops };
}
