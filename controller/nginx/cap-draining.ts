/**
 * After each reload, the old workers stay until they have finished their requests. With long connections and many
 * reloads, their memory adds up. If more workers are draining than the limit allows, the oldest are told to close their
 * remaining connections (nginx/lua/tidegate/workers/draining.lua).
 */
import { newestGeneration } from './generation.ts';
import type { LiveApi, LiveState } from './live-api.ts';

export interface DrainingCap {
  readonly api: LiveApi;
  readonly log: (problem: string) => void;
  /** How many workers may be draining. If undefined: eight times the number of workers that serve. */
  readonly most: number | undefined;
  /** Milliseconds from `look` to the count. In this time, workers without connections exit by themselves. */
  readonly afterMs?: number;
}

const GENERATIONS = 8;
const AFTER_MS = 1000;

/** Call `look` after each reload. The workers are counted a little later, once for several calls. */
export function capDraining({ api, log, most, afterMs = AFTER_MS }: DrainingCap): { look(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  /** The newest generation that was told to end. Its workers need some seconds for that. */
  let told = 0;

  async function count(): Promise<void> {
    timer = undefined;
    const state = await api.state();
    if (!state.ok) return;
    // A restarted NGINX numbers its generations from 1 again.
    if (newestGeneration(state.value) <= told) told = 0;
    const surplus = surplusGeneration(state.value, most, told);
    if (surplus === undefined) return;
    const answer = await api.end(surplus.generation);
    if (answer.ok) told = surplus.generation;
    const what = `${surplus.draining} workers of earlier configurations are draining, more than the ${surplus.most} that --max-draining-workers allows`;
    log(
      answer.ok
        ? `${what}: the oldest ${surplus.ending === 1 ? 'one was told to close its' : `${surplus.ending} were told to close their`} connections`
        : `${what}, and the oldest could not be told to end: ${answer.message}`,
    );
  }

  return {
    look() {
      timer ??= setTimeout(() => void count(), afterMs).unref();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}

export interface Surplus {
  /** Workers up to this generation have to end. */
  readonly generation: number;
  readonly ending: number;
  readonly draining: number;
  readonly most: number;
}

/**
 * The newest generation that has to end so that at most `most` draining workers remain; undefined if no more than that
 * are draining. Generations up to `told` are ending already and do not count.
 */
export function surplusGeneration(state: LiveState, most: number | undefined, told: number): Surplus | undefined {
  const newest = newestGeneration(state);
  const serving = state.workers.filter(({ generation }) => generation === newest).length;
  const allowed = most ?? GENERATIONS * Math.max(1, serving);
  const draining = state.workers
    .map(({ generation }) => generation)
    .filter((generation) => generation < newest && generation > told)
    .toSorted((a, b) => a - b);
  const last = draining[draining.length - allowed - 1];
  if (last === undefined) return undefined;
  const ending = draining.filter((generation) => generation <= last).length;
  return { generation: last, ending, draining: draining.length, most: allowed };
}
