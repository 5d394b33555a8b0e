/** Finds the loops of an automaton: its strongly connected components (Tarjan's algorithm). */
import { nth } from './nth.ts';

export interface Components {
  /** For each state, the number of its component. An edge never leads to a component with a larger number. */
  readonly of: readonly number[];
  /** For each component, its states. */
  readonly members: readonly (readonly number[])[];
  /** For each component, whether it is a loop; a single state without an edge to itself is not. */
  readonly loops: readonly boolean[];
}

/** The algorithm is implemented without recursion, because a pattern may have hundreds of states in a row. */
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
