/** Times and sizes for watching. The defaults are for production; tests use smaller ones. */
import { KEEP_EVERYTHING, type Keeping } from '../../types/keeping.ts';

export interface Tuning {
  /** Objects per page of a list. */
  readonly pageSize: number;
  /** Maximum wait in ms for a page of a list, or for the response head of a watch. */
  readonly requestTimeoutMs: number;
  /** A watch that receives no byte for this many ms counts as dead. API servers send a bookmark about every minute. */
  readonly idleMs: number;
  /** A watch is requested for a random number of seconds between these two. */
  readonly watchSeconds: readonly [number, number];
  /**
   * First and longest step of the exponential back-off, in ms. Each step is multiplied by a random number between 0 and
   * 1.
   */
  readonly backoffMs: number;
  readonly backoffCapMs: number;
  /** A watch that lasted for this many ms, or received a change, resets the back-off. */
  readonly healthyMs: number;
  /**
   * Longest back-off step for watches that start but end earlier than `healthyMs`. Changes during the pause arrive with
   * the next watch.
   */
  readonly flapCapMs: number;
  /** The maximum number of watches of single Secrets and ConfigMaps. Beyond it, whole namespaces are watched. */
  readonly singleWatches: number;
  /**
   * The maximum number of watches of single Secrets, and of single ConfigMaps, of one namespace. Beyond it, the whole
   * namespace is watched, if the API server permits that. A watch of a single name takes about 0.2 MiB.
   */
  readonly singleWatchesPerNamespace: number;
  /** How many ms an object is kept after its last reference was removed, because an edit may restore the reference. */
  readonly lingerMs: number;
  /** Maximum time that a changed Ingress waits for the objects to which it newly refers, in ms. */
  readonly holdMs: number;
  /** Which parts of objects are kept. */
  readonly keeping: Keeping;
  /** Returns a random number between 0 and 1. */
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
  singleWatchesPerNamespace: 30,
  lingerMs: 60_000,
  holdMs: 2000,
  keeping: KEEP_EVERYTHING,
  random: Math.random,
};
