/**
 * Brings NGINX's live data to the target: one batch at a time; changes during it go into the next one. Sets are sent at
 * once; removals after a grace period and the end of the workers that may need the key, and not at all if the key is
 * wanted again before.
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
import type { ApiFailure, LiveApi, LiveState } from './live-api.ts';
import { close, newCall } from './live-call.ts';
import type { Change } from './mirror.ts';
import { createUnsent, type Load, type Target, type UnsentOptions } from './unsent.ts';

export interface WriterOptions extends UnsentOptions {
  readonly api: LiveApi;
  readonly journal: Journal;
  /** How long NGINX may be unreachable before waiting calls are answered `failed`, milliseconds. */
  readonly giveUpMs: number;
  /** Refused keys are offered again after this time, milliseconds; doubled after each further refusal. */
  readonly retryMs: number;
}

export interface Writer {
  /** Sets what NGINX should hold. Resolves when it holds, or has refused, every difference from the previous target. */
  want(target: Target): Promise<LiveAnswer>;
  /** The current target; undefined before the first one. */
  wanted(): LiveDocument | undefined;
  /**
   * Resolves when NGINX holds the current target, except refused keys; with the reason if the document is not there.
   */
  settled(document: LiveDocument): Promise<string | undefined>;
  /** The target's conf may have taken effect. */
  retire(): void;
  /** NGINX is up. `known`: it holds what the mirror says. */
  connect(known: boolean): void;
  /** NGINX's report on its workers decides how long removals wait. */
  seen(state: LiveState): void;
  /** Compares NGINX's report with the mirror, and repairs a difference. */
  verify(state: LiveState): void;
  /** From now on calls wait; NGINX is being started with the content of the mirror. */
  hold(): void;
  /** From now on calls wait; resolves when nothing is under way anymore. */
  pause(): Promise<void>;
  /**
   * Answers all calls with `failed` and the reason, including waiting ones. Resolves when nothing is under way anymore.
   */
  disconnect(reason: string): Promise<void>;
}

/** The batch limit while more is waiting, so that neither a worker nor this process is blocked for long. */
const BATCH_BYTES = 128 * 1024;
/** After this many consecutive refusals of single keys, the rest is not tried. */
const REFUSALS_MAX = 50;
const NO_SPACE_MAX = 3;
const MOST_RETRY_MS = 60_000;
/** After this many comparisons without a successful batch, the next one waits. */
const COMPARES_MAX = 3;

export function createWriter(options: WriterOptions): Writer {
  const { api, mirror, journal, retryMs } = options;
  const unsent = createUnsent(options);
  // Waiting keys are kept and retried; calls that wait too long are answered.
  const backoff = createBackoff({ ...options, fail: (message) => unsent.fail(message, true) });
  let link: { readonly up: boolean; readonly refuse: string | undefined } = {
    up: false,
    refuse: NOT_RUNNING,
  };
  let mustCompare = false;
  /** The document is right, but the digest that NGINX stores is not. */
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
      // Something may have arrived since the last check.
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

  /** One exchange with NGINX; false if there is nothing to do. */
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

  function acknowledged(change: Change, revision: number, body: string): void {
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

  async function notTaken(failure: ApiFailure, { sets }: Load): Promise<void> {
    if (failure.kind === 'refused' && sets.length === 1 && !isPassing(failure.code)) {
      refused(failure, sets[0]?.[0] ?? '');
      return;
    }
    unsent.returned();
    if (failure.kind === 'unreachable' || failure.code === 'busy') await backoff.pause(failure);
    // Another writer was active, or the write was cut short; a lost answer also shows as `stale`.
    else if (isPassing(failure.code)) mustCompare = true;
    // Halved until the key at fault is found; the others are accepted.
    else if (sets.length > 1) batchKeys = Math.ceil(sets.length / 2);
    else {
      // Only removals: the comparison finds out what to remove.
      mustCompare = true;
      await backoff.pause(failure);
    }
  }

  function refused({ code, message }: Extract<ApiFailure, { kind: 'refused' }>, key: string): void {
    unsent.refuse(`NGINX refused live key ${key}: ${code}: ${message}`);
    refusals += 1;
    // A value that does not need more space is still accepted by a full dictionary.
    if (code === 'no-space' && refusals >= NO_SPACE_MAX) {
      const isGrowth = (name: string, text: string) => text.length > (mirror.entries.get(name)?.length ?? 0);
      unsent.refuseWaiting(`NGINX has no space: ${message}`, isGrowth);
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

/** NGINX does not refuse the values, only their timing. */
function isPassing(code: string): boolean {
  return code === 'busy' || code === 'stale' || code === 'failed';
}
