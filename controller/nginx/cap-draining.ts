/**
 * Each reload leaves workers behind that finish what they have; with long connections and many reloads their memory adds
 * up. Beyond a number of them the oldest are told to close what they still have (nginx/lua/tidegate/workers/draining.lua).
 */
import { newestGeneration } from './generation.ts';
import type { LiveApi, LiveState } from './live-api.ts';

export interface DrainingCap {
  readonly api: LiveApi;
  readonly log: (problem: string) => void;
  /** So many workers may be draining; undefined: eight generations of as many workers as serve now. */
  readonly most: number | undefined;
  /** Milliseconds from `look` to the look: workers without connections are gone by then. */
  readonly afterMs?: number;
}

const GENERATIONS = 8;
const AFTER_MS = 1000;

/** `look` after each reload; it happens a little later, once for several calls. */
export function capDraining({ api, log, most, afterMs = AFTER_MS }: DrainingCap): { look(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  /** Told to end already; they take some seconds. */
  let told = 0;

  async function count(): Promise<void> {
    timer = undefined;
    const state = await api.state();
    if (!state.ok) return;
    // The numbers start over with a new NGINX.
    if (newestGeneration(state.value) <= told) told = 0;
    const surplus = surplusGeneration(state.value, most, told);
    if (surplus === undefined) return;
    const answer = await api.end(surplus.generation);
    if (answer.ok) told = surplus.generation;
    const what = `${surplus.draining} workers of former configurations are draining, ${surplus.most} may (--max-draining-workers)`;
    log(
      answer.ok
        ? `${what}: the oldest ${surplus.ending} close their connections`
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
  /** Workers up to this one have to go. */
  readonly generation: number;
  readonly ending: number;
  readonly draining: number;
  readonly most: number;
}

/**
 * The youngest generation that has to go so that at most `most` draining workers are left; undefined where there are no
 * more than that. Those up to `told` are going already and do not count.
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
