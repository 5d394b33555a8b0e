/**
 * Waits for the proof that a start or a reload succeeded: all new workers have registered with the new configuration.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { NginxState, WorkerCounts } from '../types/nginx.ts';
import type { LiveApi, LiveState } from './live-api.ts';
import type { Generations } from './removals.ts';

export interface GenerationWait {
  readonly api: LiveApi;
  readonly confHash: string;
  /**
   * Result of `workersOf` for the state before the reload. New generations are recognized by their workers and not by
   * their number, because the numbers start over when the size of the dictionary changes.
   */
  readonly known: ReadonlySet<string>;
  readonly timeoutMs: number;
  /**
   * Why the new workers certainly will not start, or undefined. Called after each check, with the state that it read.
   */
  readonly givenUp: (state: LiveState | undefined) => Promise<string | undefined>;
}

export type GenerationResult =
  | { readonly ok: true; readonly generation: number; readonly state: LiveState }
  | { readonly ok: false; readonly message: string; readonly timedOut: boolean };

/**
 * Resolves as soon as all workers of one new generation have registered with the hash, or when that has become
 * impossible.
 */
export async function waitForGeneration(wait: GenerationWait): Promise<GenerationResult> {
  const started = performance.now();
  let last = 'the live API did not answer';
  for (;;) {
    const answer = await wait.api.state();
    if (answer.ok) {
      const generation = completeGeneration(answer.value, wait.confHash, wait.known);
      if (generation !== undefined) return { ok: true, generation, state: answer.value };
      last = describeWorkers(answer.value, wait.known);
    } else last = answer.message;
    const reason = await wait.givenUp(answer.ok ? answer.value : undefined);
    if (reason !== undefined) return { ok: false, message: reason, timedOut: false };
    const ms = performance.now() - started;
    if (ms >= wait.timeoutMs) {
      return {
        ok: false,
        message: `no complete generation of workers within ${wait.timeoutMs} ms: ${last}`,
        timedOut: true,
      };
    }
    await sleep(ms < 500 ? 4 : 25);
  }
}

/** The newest complete generation that consists only of new workers with this hash. */
export function completeGeneration(state: LiveState, confHash: string, known: ReadonlySet<string>): number | undefined {
  // Workers that outlived their master still answer, and may report the expected hash.
  if (state.master.pid === 0) return undefined;
  let newest: number | undefined;
  for (const [generation, workers] of Map.groupBy(state.workers, (worker) => worker.generation)) {
    const fresh = workers.filter((worker) => worker.conf === confHash && !known.has(workerKey(state, worker)));
    const complete = fresh.length === workers.length && fresh.length >= (fresh[0]?.count ?? Infinity);
    if (complete && generation >= (newest ?? generation)) newest = generation;
  }
  return newest;
}

/** Keys of the existing workers. No later worker has one of these keys. */
export function workersOf(state: LiveState): Set<string> {
  return new Set(state.workers.map((worker) => workerKey(state, worker)));
}

/** The key contains the start time of the master, because a restarted container reuses the same pids. */
function workerKey({ master }: LiveState, { pid }: LiveState['workers'][number]): string {
  return `${master.start} ${pid}`;
}

/** The newest generation that any worker belongs to. */
export function newestGeneration(state: LiveState): number {
  return state.workers.reduce((newest, worker) => Math.max(newest, worker.generation), state.generation);
}

/** The oldest and the newest generation with living workers. */
export function livingGenerations(state: LiveState): Generations {
  const newest = newestGeneration(state);
  return { newest, oldest: state.workers.reduce((oldest, { generation }) => Math.min(oldest, generation), newest) };
}

/** How many workers serve, and how many workers of how many older generations are draining. */
export function countWorkers(state: LiveState): WorkerCounts {
  const newest = newestGeneration(state);
  const old = state.workers.filter(({ generation }) => generation < newest);
  return {
    serving: state.workers.length - old.length,
    draining: old.length,
    drainingGenerations: new Set(old.map(({ generation }) => generation)).size,
    closedEarly: state.closedEarly,
    live: { capacity: state.capacity, free: state.free },
  };
}

/** What NGINX reports about itself, without its list of workers. */
export function summaryOf(state: LiveState): NginxState {
  return {
    master: state.master.pid,
    generation: newestGeneration(state),
    conf: newestConf(state),
    revision: state.revision,
    workers: countWorkers(state),
  };
}

/** The hash of the nginx.conf that the newest generation runs on. */
export function newestConf(state: LiveState): string {
  const newest = newestGeneration(state);
  return state.workers.find((worker) => worker.generation === newest)?.conf ?? state.conf;
}

function describeWorkers(state: LiveState, known: ReadonlySet<string>): string {
  if (state.master.pid === 0) return 'only workers of a dead master answer';
  const fresh = state.workers.filter((worker) => !known.has(workerKey(state, worker)));
  const first = fresh[0];
  if (first === undefined) return 'no new worker has registered';
  return `${fresh.length} of ${first.count} new workers have registered, with configuration ${first.conf}`;
}
