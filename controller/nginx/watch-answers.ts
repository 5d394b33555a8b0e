/**
 * Notices that an NGINX in another container was replaced or has ended. Only the responses of its live API show that.
 */
import type { LiveApi, LiveState } from './live-api.ts';

type Master = LiveState['master'];

export interface AnswerWatch {
  readonly api: LiveApi;
  /** The master that answers now; undefined if NGINX does not answer yet. */
  readonly master: Master | undefined;
  /** Milliseconds between two checks. */
  readonly everyMs: number;
  /** Milliseconds without a response after which NGINX counts as lost. */
  readonly lostMs: number;
  /** Called when a master other than the previous one answers, or any master for the first time. */
  readonly replaced: (state: LiveState, former: Master | undefined) => void;
  /** Called once for each period without answers. */
  readonly lost: (message: string) => void;
  /** Called when the same master answers again after `lost`. */
  readonly returned: (state: LiveState) => void;
}

/** Checks NGINX repeatedly until the returned function is called. */
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

/** The start time has to match too, because pids repeat: the master in a container often has pid 1. */
function sameMaster(one: Master, other: Master): boolean {
  return one.pid === other.pid && one.start === other.start;
}
