/** Notices that an NGINX of another container was replaced or is gone: its API is all there is to see of it. */
import type { LiveApi, LiveState } from './live-api.ts';

type Master = LiveState['master'];

export interface AnswerWatch {
  readonly api: LiveApi;
  /** The one that answers now; undefined while none does. */
  readonly master: Master | undefined;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
  /** So long without an answer, and it counts as gone. */
  readonly lostMs: number;
  /** Another master answers, or the first one. */
  readonly replaced: (state: LiveState, former: Master | undefined) => void;
  /** Called once for each time without answers. */
  readonly lost: (message: string) => void;
  /** The same master answers after `lost`. */
  readonly returned: (state: LiveState) => void;
}

/** Looks until the returned function is called. */
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

/** Process numbers repeat (1 in every container), start times do not. */
function sameMaster(one: Master, other: Master): boolean {
  return one.pid === other.pid && one.start === other.start;
}
