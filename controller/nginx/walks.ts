/** Examines many keys in slices, in the order of sending, so that referenced keys are found and sent first. */
import { LIVE_PREFIXES } from '../types/live.ts';
import { prefixRank } from './batch.ts';
import { eachInSlices } from '../time/slices.ts';

export interface Walks {
  /**
   * Walks follow one another, except those for endpoints, which do not wait. Resolves when all keys have been examined.
   */
  readonly over: (keys: Iterable<string>, look: (key: string) => void) => Promise<void>;
  /** Resolves when the current walks have ended. */
  readonly ended: () => Promise<unknown>;
}

const BACKENDS = LIVE_PREFIXES.indexOf('b:');

export function createWalks(): Walks {
  let last: Promise<unknown> = Promise.resolve();

  async function walk(keys: Iterable<string>, look: (key: string) => void, earlier: Promise<unknown>): Promise<void> {
    const ordered = [...LIVE_PREFIXES, undefined].map((): string[] => []);
    await eachInSlices(keys, (key) => ordered[prefixRank(key) ?? LIVE_PREFIXES.length]?.push(key));
    if (ordered.some((list, rank) => list.length > 0 && rank !== BACKENDS)) await earlier;
    await eachInSlices(ordered.flat(), look);
  }

  return {
    over: (keys, look) => {
      const own = walk(keys, look, last);
      last = Promise.all([last, own]);
      return own;
    },
    ended: () => last,
  };
}
