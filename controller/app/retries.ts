/** Tests waiting Ingresses in the background, taking tenants in turn, for as long as there are any. */
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
  /** Released Ingresses have to be built. */
  readonly rebuild: () => void;
  /** Refused Ingresses have to be built. */
  readonly refused: () => void;
  readonly failed: (message: string) => void;
}

export interface Retried {
  /** A rebuild is needed. */
  readonly changed: boolean;
  /** All of them were refused before, so no clients wait for them. */
  readonly background: boolean;
}

export interface Retries {
  readonly begin: () => void;
  /** There may be new waiting Ingresses. */
  readonly look: () => void;
  readonly close: () => void;
}

/** The longest that one pass takes; Ingresses that arrive meanwhile are in the next one. */
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
      .catch((error: unknown) => failed(`waiting Ingresses could not be tested: ${String(error)}`))
      .finally(() => {
        running = false;
        // At least half of the time is left to other work; a new Ingress does not wait for the pause.
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
