/** Times and sizes of watching. The defaults are for production; tests use small ones. */
import { KEEP_EVERYTHING, type Keeping } from '../../types/keeping.ts';

export interface Tuning {
  /** Objects per page of a list. */
  readonly pageSize: number;
  /** Wait for a page, or for the head of a watch: ms. */
  readonly requestTimeoutMs: number;
  /** A watch without a byte for this long is dead: ms. API servers send a bookmark about every minute. */
  readonly idleMs: number;
  /** A watch ends by itself after a random time between these: seconds. */
  readonly watchSeconds: readonly [number, number];
  /** First and longest step of the exponential back-off, each multiplied by a random number up to 1: ms. */
  readonly backoffMs: number;
  readonly backoffCapMs: number;
  /** A watch that lived this long, or brought a change, resets the back-off: ms. */
  readonly healthyMs: number;
  /** Longest step for watches that start but end sooner; changes in between arrive with the next one. */
  readonly flapCapMs: number;
  /** The number of watches of single Secrets and ConfigMaps, beyond which they are watched by namespace. */
  readonly singleWatches: number;
  /** How long an object is kept after its last reference is gone, as an edit may restore it: ms. */
  readonly lingerMs: number;
  /** The longest that an Ingress waits for the Secrets it newly refers to: ms. */
  readonly holdMs: number;
  /** Which parts of objects are kept. */
  readonly keeping: Keeping;
  /** Between 0 and 1. */
  readonly random: () => number;
}

export const DEFAULT_TUNING: Tuning = {
  pageSize: 500,
  requestTimeoutMs: 30_000,
  idleMs: 75_000,
  watchSeconds: [240, 480],
  backoffMs: 500,
  backoffCapMs: 8_000,
  healthyMs: 1000,
  flapCapMs: 1000,
  singleWatches: 200,
  lingerMs: 60_000,
  holdMs: 2000,
  keeping: KEEP_EVERYTHING,
  random: Math.random,
};
