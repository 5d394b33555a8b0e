/** Times and sizes of watching. The defaults are for production; tests make them small. */
import { KEEP_EVERYTHING, type Keeping } from '../../types/keeping.ts';

export interface Tuning {
  /** Objects a page of a list. */
  readonly pageSize: number;
  /** Wait for a page, or for the head of a watch: ms. */
  readonly requestTimeoutMs: number;
  /** A watch without a byte for this long is dead: ms. API servers send a bookmark about every minute. */
  readonly idleMs: number;
  /** A watch ends by itself after a random time between these: seconds. */
  readonly watchSeconds: readonly [number, number];
  /** First and longest step of the exponential back-off, each multiplied with a random number up to 1: ms. */
  readonly backoffMs: number;
  readonly backoffCapMs: number;
  /** A watch that lived this long, or brought a change, makes the next failure the first one again: ms. */
  readonly healthyMs: number;
  /** Longest step where watches do begin, but end before that: what changed meanwhile comes with the next one. */
  readonly flapCapMs: number;
  /** Watches of single Secrets and ConfigMaps in all, before they are watched by namespace. */
  readonly singleWatches: number;
  /** What is no longer referenced is kept for this long, as an edit may take it back: ms. */
  readonly lingerMs: number;
  /** An Ingress waits for the Secrets it newly refers to for at most this long: ms. */
  readonly holdMs: number;
  /** What is kept of objects. */
  readonly keeping: Keeping;
  /** From 0 up to 1. */
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
