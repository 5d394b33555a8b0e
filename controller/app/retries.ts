/** Tests waiting Ingresses in the background until none is left. */
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';
import type { GoodIngresses, QuarantineState } from './quarantine.ts';

export interface RetriesOptions {
  readonly state: Pick<QuarantineState, 'due'>;
  readonly retry: (
    keys: readonly ObjectKey[],
    snapshot: Snapshot,
    good: GoodIngresses,
    released: () => void,
    over: () => boolean,
  ) => Promise<Retried>;
  readonly snapshot: () => Snapshot | undefined;
  readonly good: () => GoodIngresses;
  /** Called when Ingresses are released and have to be built. */
  readonly rebuild: () => void;
  /** Called when Ingresses were refused, so that the build has to include their replacements. */
  readonly refused: () => void;
  readonly failed: (message: string) => void;
}

export interface Retried {
  /** Some Ingresses were refused, so a rebuild is needed. */
  readonly changed: boolean;
  /** All of these Ingresses were refused before, so no clients are waiting for the result. */
  readonly background: boolean;
}

export interface Retries {
  readonly begin: () => void;
  /** Called when there may be new waiting Ingresses. */
  readonly look: () => void;
  readonly close: () => void;
}

/** Maximum time of one pass. Ingresses that start to wait during a pass are tested in the next one. */
const PASS_MS = 1000;
/** The shortest pause after a pass that was interrupted or had no result. */
const LEAST_PAUSE_MS = 20;
/** After a pass of Ingresses that were refused before, the pause is this many times as long as the pass. */
const BACKGROUND_SHARE = 4;

export function createRetries({ state, retry, snapshot, good, rebuild, refused, failed }: RetriesOptions): Retries {
  let begun = false;
  let closed = false;
  let running = false;
  let arrived = false;
  let share = 1;
  let timer: NodeJS.Timeout | undefined;

  function arm(ms: number): void {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(look, ms);
  }

  async function pass(keys: readonly ObjectKey[]): Promise<void> {
    const now = snapshot();
    if (now === undefined) return;
    const end = performance.now() + PASS_MS;
    arrived = false;
    const over = (): boolean => closed || arrived || performance.now() > end;
    const { changed, background } = await retry(keys, now, good(), rebuild, over);
    if (changed) refused();
    share = background ? BACKGROUND_SHARE : 1;
  }

  function look(): void {
    if (!begun || closed) return;
    if (running) {
      arrived = true;
      return;
    }
    const { keys, nextMs } = state.due();
    if (keys.length === 0) {
      if (nextMs !== undefined) arm(nextMs);
      return;
    }
    running = true;
    const from = performance.now();
    pass(keys)
      .catch((error: unknown) => failed(`Ingresses that wait for a test could not be tested: ${String(error)}`))
      .finally(() => {
        running = false;
        // The pause is at least as long as the pass, so at least half of the time is left for other work. A new Ingress
        // does not wait for the pause.
        arm(arrived ? 0 : Math.max(LEAST_PAUSE_MS, (performance.now() - from) * share));
      });
  }

  return {
    begin: () => {
      begun = true;
      look();
    },
    look,
    close: () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}
