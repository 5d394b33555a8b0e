/** Waiting for the proof of a start or a reload: workers that registered with the new configuration. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveApi, LiveState } from './live-api.ts';

export interface GenerationWait {
  readonly api: LiveApi;
  readonly confHash: string;
  /** Only generations above this one count. */
  readonly after: number;
  readonly timeoutMs: number;
  /** Why it is certain that they will not come, or undefined. Asked between two looks. */
  readonly givenUp: () => Promise<string | undefined>;
}

export type GenerationResult =
  | { readonly ok: true; readonly generation: number; readonly state: LiveState }
  | { readonly ok: false; readonly message: string; readonly timedOut: boolean };

/** Resolves as soon as all workers of one new generation have registered with the hash, or when that cannot come. */
export async function waitForGeneration(wait: GenerationWait): Promise<GenerationResult> {
  const started = performance.now();
  let last = 'the live API did not answer';
  for (;;) {
    const answer = await wait.api.state();
    if (answer.ok) {
      const generation = completeGeneration(answer.value, wait.confHash, wait.after);
      if (generation !== undefined) return { ok: true, generation, state: answer.value };
      last = describeWorkers(answer.value, wait.after);
    } else last = answer.message;
    const reason = await wait.givenUp();
    if (reason !== undefined) return { ok: false, message: reason, timedOut: false };
    const ms = performance.now() - started;
    if (ms >= wait.timeoutMs) {
      return { ok: false, message: `no complete generation of workers within ${wait.timeoutMs} ms: ${last}`, timedOut: true };
    }
    await sleep(ms < 500 ? 4 : 25);
  }
}

/** The newest generation after `after` that has the hash and all of its workers. */
export function completeGeneration(state: LiveState, confHash: string, after: number): number | undefined {
  const registered = new Map<number, { pids: Set<number>; count: number }>();
  for (const worker of state.workers) {
    if (worker.generation <= after || worker.conf !== confHash) continue;
    const entry = registered.get(worker.generation) ?? { pids: new Set(), count: worker.count };
    entry.pids.add(worker.pid);
    registered.set(worker.generation, entry);
  }
  const complete = [...registered].filter(([, entry]) => entry.count > 0 && entry.pids.size >= entry.count);
  return complete.length === 0 ? undefined : Math.max(...complete.map(([generation]) => generation));
}

/** The newest generation that any worker belongs to. */
export function newestGeneration(state: LiveState): number {
  return state.workers.reduce((newest, worker) => Math.max(newest, worker.generation), state.generation);
}

function describeWorkers(state: LiveState, after: number): string {
  const fresh = state.workers.filter((worker) => worker.generation > after);
  const first = fresh[0];
  if (first === undefined) return 'no new worker has registered';
  return `${fresh.length} of ${first.count} workers of generation ${first.generation} have registered, with configuration ${first.conf}`;
}
