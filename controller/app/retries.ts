/** Tests waiting Ingresses in the background until none is left. */
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';
import type { GoodIngresses, QuarantineState } from './quarantine.ts';

export interface RetriesOptions {
  readonly state: Pick<QuarantineState, 'due' | 'leftOut'>;
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
  /** Called when there may be new waiting Ingresses; it may be called often. */
  readonly look: () => void;
  readonly close: () => void;
}

/** Time of one pass. Ingresses that start to wait during a pass end it, and are tested in the next one. */
const PASS_MS = 1000;
/** At least this many tests are run in a pass; otherwise a series of new Ingresses would prevent all tests. */
const LEAST_TESTS = 4;
/** The shortest pause after a pass that was interrupted or had no result. */
const LEAST_PAUSE_MS = 20;
/** After a pass of Ingresses that were refused before, the pause is this many times as long as the pass. */
const BACKGROUND_SHARE = 4;

export function createRetries({ state, retry, snapshot, good, rebuild, refused, failed }: RetriesOptions): Retries {
  let begun = false;
  let closed = false;
  /** The versions that the current pass tests; undefined between passes. */
  let testing: ReadonlyMap<ObjectKey, unknown> | undefined;
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
    let tests = 0;
    const over = (): boolean => {
      tests += 1;
      return closed || (tests > LEAST_TESTS && (arrived || performance.now() > end));
    };
    const { changed, background } = await retry(keys, now, good(), rebuild, over);
    if (changed) refused();
    share = background ? BACKGROUND_SHARE : 1;
  }

  function look(): void {
    if (!begun || closed) return;
    const { keys, nextMs } = state.due();
    const { quarantine } = state.leftOut();
    const versionOf = (key: ObjectKey) => quarantine.get(key)?.refused;
    if (testing !== undefined) {
      const tested = testing;
      arrived ||= keys.some((key) => tested.get(key) !== versionOf(key));
      return;
    }
    if (keys.length === 0) {
      if (nextMs !== undefined) arm(nextMs);
      return;
    }
    testing = new Map(keys.map((key) => [key, versionOf(key)]));
    const from = performance.now();
    pass(keys)
      .catch((error: unknown) => failed(`Ingresses that wait for a test could not be tested: ${String(error)}`))
      .finally(() => {
        testing = undefined;
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
