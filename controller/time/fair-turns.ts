/**
 * Long calculations for several owners, in slices. All owners get equal shares of the time, so a short calculation of
 * one owner does not wait for the long calculations of another.
 */
import { asError } from '../types/error-text.ts';
import type { Steps } from '../types/steps.ts';
import { runSlice } from './slices.ts';
import { nextTurn, SLICE_MS } from './yield-to-event-loop.ts';

/**
 * Resolves to the result of the steps, and rejects if they throw. The calculations of an owner run one after another,
 * in the order of the calls.
 */
export type FairTurns = <T>(owner: string, steps: () => Steps<T>) => Promise<T>;

/** Runs a slice of a calculation, and returns whether the calculation has ended. */
type Advance = () => boolean;

interface Owner {
  readonly waiting: Advance[];
  /** The time that its calculations have used, in ms. Owners without waiting calculations are forgotten. */
  usedMs: number;
}

/** `now`: milliseconds of a monotonic clock. */
export function createFairTurns(now = () => performance.now()): FairTurns {
  const owners = new Map<string, Owner>();
  let isRunning = false;

  /** The owner that has used the least time. */
  function next(): readonly [name: string, owner: Owner] | undefined {
    let least: readonly [string, Owner] | undefined;
    for (const each of owners) if (least === undefined || each[1].usedMs < least[1].usedMs) least = each;
    return least;
  }

  async function run(): Promise<void> {
    isRunning = true;
    for (;;) {
      await nextTurn();
      const chosen = next();
      if (chosen === undefined) break;
      const [name, owner] = chosen;
      const began = now();
      if (owner.waiting[0]?.() === true) owner.waiting.shift();
      owner.usedMs += now() - began;
      if (owner.waiting.length === 0) owners.delete(name);
    }
    isRunning = false;
  }

  /** A new owner begins with the least time that the others have used: otherwise it would hold them up to catch up. */
  function ownerOf(name: string): Owner {
    const known = owners.get(name);
    if (known !== undefined) return known;
    const owner = { waiting: [], usedMs: next()?.[1].usedMs ?? 0 };
    owners.set(name, owner);
    return owner;
  }

  return async <T>(owner: string, steps: () => Steps<T>) =>
    new Promise<T>((resolve, reject) => {
      let running: Steps<T> | undefined;
      ownerOf(owner).waiting.push(() => {
        try {
          running ??= steps();
          const step = runSlice(running, SLICE_MS, now);
          if (step.done === true) resolve(step.value);
          return step.done === true;
        } catch (error) {
          reject(asError(error));
          return true;
        }
      });
      if (!isRunning) void run();
    });
}
