/** Looking at many keys in slices, in the order of pushing: what is referred to is found, and sent, before. */
import { LIVE_PREFIXES } from '../types/live.ts';
import { prefixRank } from './batch.ts';
import { eachInSlices } from '../time/slices.ts';

export interface Walks {
  /** Walks follow one another, but endpoints wait for no other one. Resolves when all keys have been looked at. */
  readonly over: (keys: Iterable<string>, look: (key: string) => void) => Promise<void>;
  /** Resolves when the walks there are now have ended. */
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
