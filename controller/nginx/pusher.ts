/**
 * Sends live data to NGINX: one batch in flight, everything that arrives meanwhile goes into the next one.
 * Sets go at once; removals after a grace period and the end of the workers that may need the key, and not at all when
 * the key is set again before.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveDelta, LiveDocument } from '../types/live.ts';
import type { Outcome } from '../types/outcome.ts';
import { createBacklog } from './backlog.ts';
import type { Load } from './backlog.ts';
import { formatBatch } from './batch.ts';
import { compareWithNginx } from './compare.ts';
import { livingGenerations } from './generation.ts';
import type { Journal } from './journal.ts';
import type { ApiFailure, LiveApi, LiveState } from './live-api.ts';
import type { Change, Mirror } from './mirror.ts';
import { answer } from './pending.ts';
import { BACKOFF_MAX_MS, createTrouble } from './trouble.ts';

export interface PusherOptions {
  readonly api: LiveApi;
  readonly mirror: Mirror;
  readonly journal: Journal;
  /** How long a removal waits at least, milliseconds. */
  readonly graceMs: number;
  /** How long it waits at most for the end of workers that may need the key, milliseconds. */
  readonly longestMs: () => number;
  /** How long NGINX may be unreachable before the calls that wait are answered `failed`, milliseconds. */
  readonly giveUpMs: number;
  readonly log: (problem: string) => void;
}

export interface Pusher {
  push(delta: LiveDelta): Promise<Outcome>;
  resync(document: LiveDocument): Promise<Outcome>;
  /** Sets those keys of a document that NGINX lacks. */
  pushMissing(document: LiveDocument): Promise<Outcome>;
  /** Does not remove the keys of a document that wait for it. */
  keep(document: LiveDocument): void;
  /** Answers when everything asked for so far is in NGINX; the failure where it did not get there. */
  drained(): Promise<string | undefined>;
  /** NGINX is up. `complete`: the mirror holds all that is wanted, so that other keys in NGINX are to be removed. */
  connect(complete: boolean): void;
  /** What NGINX says of its workers decides how long removals wait. */
  seen(state: LiveState): void;
  /** Compares what NGINX says of itself with the mirror, and repairs a difference. */
  verify(state: LiveState): void;
  /** Calls wait from now on; NGINX is being started with what the mirror holds. */
  hold(): void;
  /** Calls wait from now on; resolves when nothing is under way any more. */
  pause(): Promise<void>;
  /** Calls are answered `failed` with the reason, those that wait too. Resolves when nothing is under way any more. */
  disconnect(reason: string): Promise<void>;
}

/** A batch stays this small where there is more to send, so that no worker is kept from its requests for long. */
const BATCH_BYTES = 256 * 1024;
/** So many single keys refused one after the other, and the rest is not tried. */
const REFUSALS_MAX = 50;
const NO_SPACE_MAX = 3;
/** So many comparisons without a batch that got through, and the next one waits. */
const COMPARES_MAX = 3;

export function createPusher(options: PusherOptions): Pusher {
  const { api, mirror, journal } = options;
  const backlog = createBacklog(mirror, options);
  // What waits is kept and tried again; who waits too long is told so.
  const trouble = createTrouble({ ...options, fail: (message) => backlog.fail(message, true) });
  let link: { readonly up: boolean; readonly refuse: string | undefined } = {
    up: false,
    refuse: 'NGINX is not running',
  };
  let complete = false;
  let mustCompare = false;
  /** The document is right, the digest that NGINX stores is not. */
  let mustStamp = false;
  let pumping: Promise<void> | undefined;
  let compares = 0;
  let batchKeys = Infinity;
  let refusals = 0;
  let wake: NodeJS.Timeout | undefined;

  function call(delta: () => LiveDelta): Promise<Outcome> {
    if (link.refuse !== undefined)
      return Promise.resolve({ kind: 'failed', message: link.refuse, errorLog: [], ms: 0 });
    const outcome = backlog.request(delta());
    void pump();
    return outcome;
  }

  function pump(): Promise<void> {
    pumping ??= exchange().finally(() => {
      pumping = undefined;
      // Something may have arrived between the last look and this moment.
      if (link.up && (backlog.pending.size > 0 || (complete && mustCompare))) void pump();
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
    const ms = backlog.nextRemoval();
    if (ms !== undefined && link.up) wake = setTimeout(() => void lookForWorkers().then(pump), ms).unref();
  }

  async function lookForWorkers(): Promise<void> {
    if (!backlog.waitsForWorkers()) return;
    const state = await api.state();
    if (state.ok) backlog.seen(livingGenerations(state.value));
  }

  /** One exchange with NGINX; false when there is nothing to do. */
  async function step(): Promise<boolean> {
    if (mustCompare) {
      await compare();
      return true;
    }
    const load = backlog.take(BATCH_BYTES, batchKeys);
    if (load.sets.length === 0 && load.removes.length === 0 && !mustStamp) return false;
    const change = mirror.plan(
      load.sets.map(({ key, value }) => [key, value]),
      load.removes,
    );
    const body = formatBatch({ base: mirror.revision, ...change });
    const result = await api.delta(body);
    backlog.landed();
    if (result.ok) acknowledged(change, load, result.value, body);
    else if (link.up) await notTaken(result, load);
    else answer(load.sets, { failure: link.refuse ?? result.message });
    return true;
  }

  function acknowledged(change: Change, load: Load, revision: number, body: string): void {
    mirror.apply(change);
    mirror.revision = revision;
    mustStamp = false;
    compares = 0;
    refusals = 0;
    batchKeys *= 2;
    trouble.over();
    journal.append(body);
    answer(load.sets, 'sent');
  }

  async function notTaken(failure: ApiFailure, load: Load): Promise<void> {
    if (failure.kind === 'unreachable' || failure.code === 'busy') {
      backlog.giveBack(load);
      await trouble.pause(failure);
    } else if (failure.code === 'stale' || failure.code === 'failed') {
      // Somebody else wrote, or the write was cut short; an answer that was lost shows as `stale` too.
      backlog.giveBack(load);
      mustCompare = true;
    } else if (load.sets.length > 1) {
      // Halved until the key at fault is found; the others get through.
      backlog.giveBack(load);
      batchKeys = Math.ceil(load.sets.length / 2);
    } else if (load.sets.length === 1) {
      backlog.giveBack({ sets: [], removes: load.removes });
      refused(failure, load);
    } else {
      // Removals alone: the comparison finds out what there is to remove.
      backlog.giveBack(load);
      mustCompare = true;
      await trouble.pause(failure);
    }
  }

  function refused({ code, message }: Extract<ApiFailure, { kind: 'refused' }>, { sets }: Load): void {
    answer(sets, { refusal: `NGINX refused live key ${sets[0]?.key ?? ''}: ${code}: ${message}` });
    refusals += 1;
    // What needs no more space than it has already gets through a full dictionary.
    if (code === 'no-space' && refusals >= NO_SPACE_MAX) backlog.refuseGrowth(`NGINX has no space: ${message}`);
    else if (refusals >= REFUSALS_MAX) backlog.fail(`NGINX refused live data: ${code}: ${message}`, false);
  }

  async function compare(): Promise<void> {
    compares += 1;
    if (compares > COMPARES_MAX) await sleep(BACKOFF_MAX_MS);
    mustCompare = false;
    const onForeign = (key: string): void => {
      if (complete) backlog.bury(key);
    };
    const compared = await compareWithNginx({ api, mirror, pending: backlog.pending, onForeign });
    if (!compared.ok) {
      mustCompare = true;
      await trouble.pause(compared);
      return;
    }
    trouble.over();
    mustStamp = compared.digest !== mirror.digest();
    if (!mustStamp && backlog.pending.size === 0) compares = 0;
    journal.rewrite();
  }

  return {
    push: (delta) => call(() => delta),
    resync: (document) =>
      call(() => {
        complete = true;
        if (mirror.unknown.size > 0) mustCompare = true;
        return backlog.towards(document);
      }),
    async pushMissing(document) {
      const delta = await backlog.missing(document);
      return call(() => delta);
    },
    keep: (document) => backlog.keep(document),
    drained: () => (link.refuse === undefined ? backlog.drained() : Promise.resolve(link.refuse)),
    connect(isComplete) {
      link = { up: true, refuse: undefined };
      complete = isComplete;
      mustCompare = !isComplete;
      // As long as no document is known, nothing in NGINX is known to be wrong: the first call compares.
      if (isComplete || backlog.pending.size > 0) void pump();
    },
    seen: (state) => backlog.seen(livingGenerations(state)),
    verify(state) {
      backlog.seen(livingGenerations(state));
      if (pumping !== undefined || (state.revision === mirror.revision && state.digest === mirror.digest())) return;
      mustCompare = true;
      void pump();
    },
    hold() {
      link = { up: false, refuse: undefined };
    },
    async pause() {
      link = { up: false, refuse: undefined };
      clearTimeout(wake);
      trouble.over();
      await pumping;
    },
    async disconnect(reason) {
      link = { up: false, refuse: reason };
      clearTimeout(wake);
      trouble.over();
      batchKeys = Infinity;
      backlog.clearRemovals();
      backlog.fail(reason, false);
      await pumping;
    },
  };
}
