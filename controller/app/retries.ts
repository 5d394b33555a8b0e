/** Tests waiting Ingresses in the background until none is left. */
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';
import type { GoodIngresses, QuarantineState } from './quarantine.ts';

export interface RetryOptions {
  /** Whether the tests run at low priority, because these Ingresses are not urgent. */
  readonly background: boolean;
  /** Called as soon as nginx is known to accept some of the tested Ingresses. */
  readonly released: () => void;
  /** Whether to end the pass; called before each test. */
  readonly over: () => boolean;
}

export interface RetriesOptions {
  readonly state: Pick<QuarantineState, 'due' | 'leftOut'>;
  /** Resolves to true if some of the Ingresses were refused. */
  readonly retry: (
    keys: readonly ObjectKey[],
    snapshot: Snapshot,
    good: GoodIngresses,
    options: RetryOptions,
  ) => Promise<boolean>;
  readonly snapshot: () => Snapshot | undefined;
  readonly good: () => GoodIngresses;
  /** Called when Ingresses are released and have to be built. */
  readonly rebuild: () => void;
  /** Called when Ingresses were refused, so that the build has to include their replacements. */
  readonly refused: () => void;
  readonly failed: (message: string) => void;
}

export interface Retries {
  readonly begin: () => void;
  /** Called when there may be new waiting Ingresses; it may be called often. */
  readonly look: () => void;
  readonly close: () => void;
}

/** How long a pass may take, in ms. A new urgent Ingress ends the pass early and is tested in the next one. */
const PASS_MS = 1000;
/** At least this many tests are run in a pass; otherwise a series of new Ingresses would prevent all tests. */
const LEAST_TESTS = 4;
/** The shortest pause after a pass. */
const LEAST_PAUSE_MS = 20;
/** After a pass in the background, the pause is this many times as long as the pass. */
const BACKGROUND_SHARE = 4;

export function createRetries({ state, retry, snapshot, good, rebuild, refused, failed }: RetriesOptions): Retries {
  let begun = false;
  let closed = false;
  let running = false;
  let lastWasUrgent = false;
  /** The versions that the last pass of urgent Ingresses tested. */
  let tested: ReadonlyMap<ObjectKey, unknown> = new Map();
  /** When the pause after the last pass ends. */
  let resumeAt = 0;
  let timer: NodeJS.Timeout | undefined;

  function arm(ms: number): void {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(look, ms);
  }

  function versionOf(key: ObjectKey): unknown {
    return state.leftOut().quarantine.get(key)?.refused;
  }

  /**
   * Whether an urgent Ingress, or a new version of an urgent Ingress, arrived after the last pass of urgent Ingresses
   * began.
   */
  function hasNew(urgent: readonly ObjectKey[]): boolean {
    return urgent.some((key) => tested.get(key) !== versionOf(key));
  }

  async function pass(keys: readonly ObjectKey[], background: boolean): Promise<void> {
    const now = snapshot();
    if (now === undefined) return;
    const end = performance.now() + PASS_MS;
    let tests = 0;
    const over = (): boolean => {
      tests += 1;
      return closed || (tests > LEAST_TESTS && (performance.now() > end || hasNew(state.due().urgent)));
    };
    if (await retry(keys, now, good(), { background, released: rebuild, over })) refused();
  }

  function look(): void {
    if (!begun || closed || running) return;
    const { keys, urgent, nextMs } = state.due();
    if (keys.length === 0) {
      if (nextMs !== undefined) arm(nextMs);
      return;
    }
    const from = performance.now();
    // A new Ingress does not wait for the end of the pause.
    if (from < resumeAt && !hasNew(urgent)) {
      arm(resumeAt - from);
      return;
    }
    const first = new Set(urgent);
    const others = keys.filter((key) => !first.has(key));
    // Passes of urgent Ingresses and of all others alternate; otherwise a series of new Ingresses would keep the others
    // from being tested.
    const background = urgent.length === 0 || (lastWasUrgent && others.length > 0);
    if (!background) tested = new Map(urgent.map((key) => [key, versionOf(key)]));
    lastWasUrgent = !background;
    running = true;
    pass(background ? others : urgent, background)
      .catch((error: unknown) => failed(`Ingresses that wait for a test could not be tested: ${String(error)}`))
      .finally(() => {
        running = false;
        const end = performance.now();
        // The pause is at least as long as the pass, so at least half of the time is left for other work.
        resumeAt = end + Math.max(LEAST_PAUSE_MS, (end - from) * (background ? BACKGROUND_SHARE : 1));
        look();
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
