/** Ingresses that wait are tested in the background, one tenant beside the other, for as long as there are any. */
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
  /** What was released is to be built. */
  readonly rebuild: () => void;
  /** What was refused is to be built. */
  readonly refused: () => void;
  readonly failed: (message: string) => void;
}

export interface Retried {
  /** Something is to be built anew. */
  readonly changed: boolean;
  /** All of them were refused before: nobody waits for them. */
  readonly background: boolean;
}

export interface Retries {
  readonly begin: () => void;
  /** Something may wait that did not before. */
  readonly look: () => void;
  readonly close: () => void;
}

/** So long one pass takes at most; who came meanwhile is in the next one. */
const PASS_MS = 1000;
/** A pass that ended early for others, or found nothing out, is followed by a pause at least this long. */
const LEAST_PAUSE_MS = 20;
/** After a pass of Ingresses that were refused before, the pause is so many times as long. */
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
      .catch((error: unknown) => failed(`Ingresses that wait could not be tested: ${String(error)}`))
      .finally(() => {
        running = false;
        // At least half of the time is everybody's; who arrived meanwhile does not wait for that.
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
