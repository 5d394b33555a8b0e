/**
 * Makes NGINX's live data equal to the target. One batch is sent at a time; changes that occur meanwhile are part of
 * the next batch. Values are set at once. A key is removed after a grace period and after the end of the workers that
 * may need it, and not at all if it is in the target again by then.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveDocument } from '../types/live.ts';
import type { LiveAnswer } from '../types/nginx.ts';
import { BACKOFF_MAX_MS, createBackoff } from './backoff.ts';
import { formatBatch } from './batch.ts';
import { compareWithNginx } from './compare.ts';
import { NOT_RUNNING } from './failures.ts';
import { livingGenerations } from './generation.ts';
import type { Journal } from './journal.ts';
import type { LiveApiFailure, LiveApi, LiveState } from './live-api.ts';
import { close, newCall } from './live-call.ts';
import type { LiveChange } from './mirror.ts';
import { createUnsent, type Load, type Target, type UnsentOptions } from './unsent.ts';

export interface WriterOptions extends UnsentOptions {
  readonly api: LiveApi;
  readonly journal: Journal;
  /** How long NGINX may accept no live data before waiting calls are answered with `failed`, in milliseconds. */
  readonly giveUpMs: number;
  /** Pause before refused values are sent again, in milliseconds. The pause doubles with each attempt. */
  readonly retryMs: number;
}

export interface Writer {
  /** Sets the target. Resolves when NGINX has acknowledged or refused every difference from the previous target. */
  want(target: Target): Promise<LiveAnswer>;
  /** The live data of the current target; undefined before the first call of `want`. */
  wanted(): LiveDocument | undefined;
  /**
   * Resolves when NGINX has acknowledged or refused every value of the current target. The result is undefined, or the
   * reason why NGINX does not have the document.
   */
  settled(document: LiveDocument): Promise<string | undefined>;
  /** Call it when the conf of the target may have taken effect, so that removals can begin. */
  retire(): void;
  /** Call it when NGINX is running. `known` is true if its live data is known to equal the mirror. */
  connect(known: boolean): void;
  /** Records which generations of workers run, because removals wait for older workers. */
  seen(state: LiveState): void;
  /**
   * Compares the revision and digest that NGINX reports with the mirror. If they differ, compares all values and sends
   * the differences.
   */
  verify(state: LiveState): void;
  /** From now on, calls wait, because NGINX is being started with the content of the mirror. */
  hold(): void;
  /** From now on, calls wait. Resolves when nothing is being sent anymore. */
  pause(): Promise<void>;
  /**
   * Answers waiting and later calls with `failed` and the reason. Resolves when nothing is being sent anymore.
   */
  disconnect(reason: string): Promise<void>;
}

/** Maximum length of a batch, so that neither a worker nor this process is blocked for long. */
const BATCH_BYTES = 128 * 1024;
/** After this many consecutive refusals of single values, the remaining ones are not tried. */
const REFUSALS_MAX = 50;
const NO_SPACE_MAX = 3;
const MOST_RETRY_MS = 60_000;
/** After this many comparisons without a successful batch, there is a pause before each comparison. */
const COMPARES_MAX = 3;

export function createWriter(options: WriterOptions): Writer {
  const { api, mirror, journal, retryMs } = options;
  const unsent = createUnsent(options);
  // Calls that wait too long are answered with `failed`, but their keys are still retried.
  const backoff = createBackoff({ ...options, fail: (message) => unsent.fail(message, true) });
  let link: { readonly up: boolean; readonly refuse: string | undefined } = {
    up: false,
    refuse: NOT_RUNNING,
  };
  let mustCompare = false;
  /** Whether NGINX has to be sent a batch with the right digest, even if no value differs. */
  let mustStamp = false;
  let pumping: Promise<void> | undefined;
  let compares = 0;
  let batchKeys = Infinity;
  let refusals = 0;
  let wake: NodeJS.Timeout | undefined;
  let retry: NodeJS.Timeout | undefined;
  let waitMs = retryMs;

  function pump(): Promise<void> {
    pumping ??= exchange().finally(() => {
      pumping = undefined;
      // Changes may have been queued since the last check.
      if (link.up && (unsent.some() || (mustCompare && unsent.target !== undefined))) void pump();
      else sleepUntilNextRemoval();
    });
    return pumping;
  }

  async function exchange(): Promise<void> {
    let more = true;
    while (link.up && more) more = await step();
  }

  function sleepUntilNextRemoval(): void {
    clearTimeout(wake);
    const now = performance.now();
    const next = unsent.removals.next(now);
    if (next === undefined || !link.up) return;
    wake = setTimeout(() => void lookForWorkers().then(pump), Math.max(1, next - now)).unref();
  }

  async function lookForWorkers(): Promise<void> {
    if (!unsent.removals.waitsForWorkers(performance.now())) return;
    const state = await api.state();
    if (state.ok) unsent.removals.seen(livingGenerations(state.value));
  }

  /** Performs one comparison, or sends one batch. Returns false if there is nothing to do. */
  async function step(): Promise<boolean> {
    if (unsent.target === undefined) return false;
    if (mustCompare) {
      await compare();
      return true;
    }
    const load = unsent.take(BATCH_BYTES, batchKeys);
    if (load.sets.length === 0 && load.removes.length === 0 && !mustStamp) return false;
    const change = await mirror.plan(load.sets, load.removes);
    const body = formatBatch({ base: mirror.revision, ...change });
    const result = await api.delta(body);
    if (result.ok) acknowledged(change, result.value, body);
    else if (link.up) await notTaken(result, load);
    else {
      unsent.returned();
      if (link.refuse !== undefined) unsent.fail(link.refuse, false);
    }
    return true;
  }

  function acknowledged(change: LiveChange, revision: number, body: string): void {
    mirror.apply(change);
    mirror.revision = revision;
    mustStamp = false;
    compares = 0;
    refusals = 0;
    batchKeys *= 2;
    backoff.over();
    journal.append(body);
    unsent.landed();
    if (!unsent.hasRefused()) waitMs = retryMs;
  }

  async function notTaken(failure: LiveApiFailure, { sets }: Load): Promise<void> {
    if (failure.kind === 'refused' && sets.length === 1 && !isPassing(failure.code)) {
      refused(failure, sets[0]?.[0] ?? '');
      return;
    }
    unsent.returned();
    if (failure.kind === 'unreachable' || failure.code === 'busy') await backoff.pause(failure);
    // Another writer changed the data, a write was incomplete, or a response was lost, which leads to `stale` too.
    else if (isPassing(failure.code)) mustCompare = true;
    // The batch is halved until the value at fault is found. The other values are accepted.
    else if (sets.length > 1) batchKeys = Math.ceil(sets.length / 2);
    else {
      // The batch had only removals. The comparison finds out which keys have to be removed.
      mustCompare = true;
      await backoff.pause(failure);
    }
  }

  function refused({ code, message }: Extract<LiveApiFailure, { kind: 'refused' }>, key: string): void {
    unsent.refuse(`NGINX refused live key ${key}: ${code}: ${message}`);
    refusals += 1;
    // A full dictionary still accepts values that do not need more space than before.
    if (code === 'no-space' && refusals >= NO_SPACE_MAX) {
      const isGrowth = (name: string, text: string) => text.length > (mirror.entries.get(name)?.length ?? 0);
      unsent.refuseWaiting(`NGINX has no space left for live data: ${message}`, isGrowth);
    } else if (refusals >= REFUSALS_MAX) {
      unsent.refuseWaiting(`NGINX refused live data: ${code}: ${message}`, () => true);
    }
    retry ??= setTimeout(offerAgain, waitMs).unref();
  }

  function offerAgain(): void {
    retry = undefined;
    waitMs = Math.min(waitMs * 2, MOST_RETRY_MS);
    unsent.offerAgain();
    void pump();
  }

  async function compare(): Promise<void> {
    compares += 1;
    if (compares > COMPARES_MAX) await sleep(BACKOFF_MAX_MS);
    mustCompare = false;
    const compared = await compareWithNginx({ api, mirror, unsent });
    if (!compared.ok) {
      mustCompare = true;
      await backoff.pause(compared);
      return;
    }
    backoff.over();
    mustStamp = compared.digest !== mirror.digest();
    if (!mustStamp && !unsent.some()) compares = 0;
    journal.rewrite();
  }

  function interrupt(refuse: string | undefined): void {
    link = { up: false, refuse };
    clearTimeout(wake);
    clearTimeout(retry);
    retry = undefined;
    backoff.over();
  }

  return {
    async want(target) {
      if (link.refuse !== undefined) {
        void unsent.want(target);
        return { outcome: { kind: 'failed', message: link.refuse, errorLog: [], ms: 0 }, set: [], remove: [] };
      }
      return new Promise((resolve) => {
        const call = newCall(() => mirror.revision, resolve);
        void unsent.want(target, call).then(() => {
          close(call);
          return pump();
        });
      });
    },
    wanted: () => unsent.target?.live,
    settled: (document) => (link.refuse === undefined ? unsent.settled(document) : Promise.resolve(link.refuse)),
    retire() {
      unsent.retire();
      if (link.up) void pump();
    },
    connect(known) {
      link = { up: true, refuse: undefined };
      mustCompare = !known;
      void unsent.recount().then(pump);
    },
    seen: (state) => unsent.removals.seen(livingGenerations(state)),
    verify(state) {
      unsent.removals.seen(livingGenerations(state));
      if (pumping !== undefined || (state.revision === mirror.revision && state.digest === mirror.digest())) return;
      mustCompare = true;
      void pump();
    },
    hold() {
      link = { up: false, refuse: undefined };
    },
    async pause() {
      interrupt(undefined);
      await pumping;
    },
    async disconnect(reason) {
      interrupt(reason);
      batchKeys = Infinity;
      unsent.removals.clear();
      unsent.fail(reason, false);
      await pumping;
    },
  };
}

/** Whether NGINX may accept the same values later. */
function isPassing(code: string): boolean {
  return code === 'busy' || code === 'stale' || code === 'failed';
}
