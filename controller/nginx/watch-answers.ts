/** Notices that an NGINX in another container was replaced or is gone, which shows only in its API. */
import type { LiveApi, LiveState } from './live-api.ts';

type Master = LiveState['master'];

export interface AnswerWatch {
  readonly api: LiveApi;
  /** The master that answers now; undefined while there is no answer. */
  readonly master: Master | undefined;
  /** Milliseconds between two checks. */
  readonly everyMs: number;
  /** Milliseconds without an answer after which it counts as gone. */
  readonly lostMs: number;
  /** Another master answers, or the first one. */
  readonly replaced: (state: LiveState, former: Master | undefined) => void;
  /** Called once for each period without answers. */
  readonly lost: (message: string) => void;
  /** The same master answers after `lost`. */
  readonly returned: (state: LiveState) => void;
}

/** Checks until the returned function is called. */
export function watchAnswers(watch: AnswerWatch): () => void {
  let { master } = watch;
  let silentSince: number | undefined;
  let lost = false;
  let watching = true;
  let timer: NodeJS.Timeout;

  async function look(): Promise<void> {
    const answer = await watch.api.state();
    if (!watching) return;
    if (answer.ok) answered(answer.value);
    else silent(answer.message);
    timer = setTimeout(() => void look(), watch.everyMs).unref();
  }

  function answered(state: LiveState): void {
    const former = master;
    const wasLost = lost;
    master = state.master;
    silentSince = undefined;
    lost = false;
    if (former === undefined || !sameMaster(former, master)) watch.replaced(state, former);
    else if (wasLost) watch.returned(state);
  }

  function silent(message: string): void {
    silentSince ??= performance.now();
    if (lost || performance.now() - silentSince < watch.lostMs) return;
    lost = true;
    watch.lost(message);
  }

  timer = setTimeout(() => void look(), watch.everyMs).unref();
  return () => {
    watching = false;
    clearTimeout(timer);
  };
}

/** Pids repeat (1 in every container), start times do not. */
function sameMaster(one: Master, other: Master): boolean {
  return one.pid === other.pid && one.start === other.start;
}
