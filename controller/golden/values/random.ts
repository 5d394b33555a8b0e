/** Random choices that can be repeated with the same seed. */

export interface Random {
  /** A number from 0 to `bound` - 1. */
  below(bound: number): number;
  chance(of: number): boolean;
  pick<T>(items: readonly T[]): T;
}

/** A generator with the mulberry32 algorithm. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  function below(bound: number): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  }
  return {
    below,
    chance: (of) => below(1000) < of * 1000,
    pick: (items) => {
      if (items.length === 0) throw new RangeError('nothing to pick from');
      return items[below(items.length)] as (typeof items)[number];
    },
  };
}
