/**
 * Examines many keys in slices, sorted by prefix in the order in which keys are sent. So a key is found and sent before
 * the keys that refer to it.
 */
import { LIVE_PREFIXES } from '../types/live.ts';
import { prefixRank } from './batch.ts';
import { eachInSlices } from '../time/slices.ts';

export interface Walks {
  /**
   * Examines the keys after all earlier walks have ended. A walk that only contains backends does not wait, so that
   * changed endpoints are sent at once. Resolves when all keys have been examined.
   */
  readonly over: (keys: Iterable<string>, look: (key: string) => void) => Promise<void>;
  /** Resolves when all walks that have begun so far have ended. */
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
