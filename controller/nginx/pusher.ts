/**
 * Sends live data to NGINX: one batch in flight, everything that arrives meanwhile goes into the next one.
 * Sets go at once; removals after a grace period, and not at all when the key is set again before.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveDelta, LiveDocument } from '../types/live.ts';
import type { Outcome } from '../types/outcome.ts';
import { entryFault, formatBatch } from './batch.ts';
import { compareWithNginx } from './compare.ts';
import type { Journal } from './journal.ts';
import type { ApiFailure, LiveApi, LiveState } from './live-api.ts';
import type { Change, Mirror } from './mirror.ts';
import { answer, close, createPending, newWaiter } from './pending.ts';
import type { PendingSet, Waiter } from './pending.ts';
import { createRemovals } from './removals.ts';

export interface PusherOptions {
  readonly api: LiveApi;
  readonly mirror: Mirror;
  readonly journal: Journal;
  /** How long a removal waits, milliseconds. */
  readonly graceMs: number;
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
  /** Compares what NGINX says of itself with the mirror, and repairs a difference. */
  verify(state: LiveState): void;
  /** Calls wait from now on; NGINX is being started with what the mirror holds. */
  hold(): void;
  /** Calls are answered `failed` with the reason, those that wait too. Resolves when nothing is under way any more. */
  disconnect(reason: string): Promise<void>;
}

/** A batch stays this small where there is more to send, so that no worker is kept from its requests for long. */
const BATCH_BYTES = 256 * 1024;
const REMOVES_PER_BATCH = 1000;
const BACKOFF_MAX_MS = 1000;
/** So many single keys refused one after the other, and the rest is not tried. */
const REFUSALS_MAX = 50;
const NO_SPACE_MAX = 3;

export function createPusher(options: PusherOptions): Pusher {
  const { api, mirror, journal } = options;
  const pending = createPending();
  const removals = createRemovals();
  let inFlight: ReadonlyMap<string, PendingSet> = new Map();
  let removing: ReadonlySet<string> = new Set();
  let link: { readonly up: boolean; readonly refuse: string | undefined } = { up: false, refuse: 'NGINX is not running' };
  let complete = false;
  let mustCompare = false;
  let mustStamp = false;
  let pumping: Promise<void> | undefined;
  let compares = 0;
  let batchKeys = Infinity;
  let refusals = 0;
  let troubleSince: number | undefined;
  let reported = false;
  let backoffMs = 0;
  let wake: NodeJS.Timeout | undefined;

  /** What NGINX will hold for a key once all that waits has been sent. */
  function expected(key: string): string | undefined {
    const set = pending.get(key) ?? inFlight.get(key);
    if (set !== undefined) return set.value;
    return removing.has(key) ? undefined : mirror.entries.get(key);
  }

  function request(sets: Iterable<readonly [string, string]>, removes: readonly string[]): Promise<Outcome> {
    const started = performance.now();
    return new Promise((resolve) => {
      let removed = 0;
      const waiter = newWaiter(() => resolve(outcomeOf(waiter, removed, started)));
      for (const [key, value] of sets) {
        const fault = entryFault(key, value);
        waiter.failure ??= fault;
        if (fault === undefined) want(key, value, waiter);
      }
      for (const key of removes) {
        if (entryFault(key, undefined) !== undefined) continue;
        if (expected(key) === undefined && !mirror.unknown.has(key)) continue;
        removals.add(key, started + options.graceMs);
        removed += 1;
      }
      close(waiter);
      void pump();
    });
  }

  /** Makes the waiter wait for a value, unless NGINX has it. */
  function want(key: string, value: string, waiter: Waiter): void {
    removals.cancel(key);
    const underWay = pending.get(key) ?? inFlight.get(key);
    if (expected(key) !== value) pending.add(key, value, [waiter]);
    else if (underWay !== undefined) underWay.waiters.push(waiter);
    else return;
    waiter.open += 1;
  }

  function outcomeOf({ failure, sent }: Waiter, removed: number, started: number): Outcome {
    const ms = performance.now() - started;
    if (failure !== undefined) return { kind: 'failed', message: failure, errorLog: [], ms };
    if (sent === 0 && removed === 0) return { kind: 'none' };
    return { kind: 'live', set: sent, removed, revision: mirror.revision, ms };
  }

  function refused(): Outcome | undefined {
    return link.refuse === undefined ? undefined : { kind: 'failed', message: link.refuse, errorLog: [], ms: 0 };
  }

  function pump(): Promise<void> {
    pumping ??= exchange().finally(() => {
      pumping = undefined;
      // Something may have arrived between the last look and this moment.
      if (link.up && (pending.size > 0 || (complete && mustCompare))) void pump();
      else sleepUntilNextRemoval();
    });
    return pumping;
  }

  async function exchange(): Promise<void> {
    let more = true;
    while (link.up && more) more = await step();
  }

  async function step(): Promise<boolean> {
    if (mustCompare) {
      await compare();
      return true;
    }
    const sets = pending.take(BATCH_BYTES, batchKeys);
    inFlight = new Map(sets.map((set) => [set.key, set]));
    const removes = removals
      .take(performance.now(), REMOVES_PER_BATCH, (key) => inFlight.has(key) || pending.get(key) !== undefined)
      .filter((key) => mirror.entries.has(key) || mirror.unknown.has(key));
    if (sets.length === 0 && removes.length === 0 && !mustStamp) return false;
    removing = new Set(removes);
    const change = mirror.plan(
      sets.map((set) => [set.key, set.value]),
      removes,
    );
    await send(change, sets);
    return true;
  }

  async function send(change: Change, sets: readonly PendingSet[]): Promise<void> {
    const body = formatBatch({ base: mirror.revision, ...change });
    const result = await api.delta(body);
    inFlight = new Map();
    removing = new Set();
    if (result.ok) return acknowledged(change, sets, result.value, body);
    if (!link.up) return answer(sets, { failure: link.refuse ?? 'NGINX is not running' });
    // `failed`: the write was cut short, nobody knows where.
    if (result.kind === 'refused' && (result.code === 'stale' || result.code === 'failed')) {
      giveBack(change, sets);
      mustCompare = true;
      return undefined;
    }
    if (result.kind === 'unreachable' || result.code === 'busy') {
      giveBack(change, sets);
      return trouble(result);
    }
    return rejected(result, change, sets);
  }

  function acknowledged(change: Change, sets: readonly PendingSet[], revision: number, body: string): void {
    mirror.apply(change);
    mirror.revision = revision;
    mustStamp = false;
    recovered();
    compares = 0;
    refusals = 0;
    batchKeys *= 2;
    journal.append(body);
    answer(sets, 'sent');
  }

  function giveBack(change: Change, sets: readonly PendingSet[]): void {
    pending.putBack(sets);
    for (const key of change.removes) {
      if (pending.get(key) === undefined) removals.add(key, 0);
    }
  }

  /** NGINX refuses the batch as it is. It is halved until the key at fault is found; the others get through. */
  function rejected(result: Extract<ApiFailure, { kind: 'refused' }>, change: Change, sets: readonly PendingSet[]): Promise<void> | void {
    const reason = `${result.code}: ${result.message}`;
    if (sets.length > 1) {
      giveBack(change, sets);
      batchKeys = Math.ceil(sets.length / 2);
      return undefined;
    }
    const [only] = sets;
    if (only === undefined) {
      // Removals alone: nothing to halve. The comparison finds out what there is to remove.
      giveBack(change, sets);
      mustCompare = true;
      return trouble(result);
    }
    giveBack(change, []);
    answer(sets, { failure: `NGINX refused live key ${only.key}: ${reason}` });
    refusals += 1;
    if (refusals >= (result.code === 'no-space' ? NO_SPACE_MAX : REFUSALS_MAX)) {
      answer(pending.clear(), { failure: `NGINX refused live data: ${reason}` });
    }
    return undefined;
  }

  async function compare(): Promise<void> {
    compares += 1;
    // Somebody else writes all the time, or NGINX contradicts itself: do not spin.
    if (compares > 3) await sleep(BACKOFF_MAX_MS);
    mustCompare = false;
    const onForeign = (key: string): void => {
      if (complete) removals.add(key, performance.now() + options.graceMs);
    };
    const compared = await compareWithNginx({ api, mirror, pending, onForeign });
    if (!compared.ok) {
      mustCompare = true;
      return trouble(compared);
    }
    recovered();
    mustStamp = compared.digest !== mirror.digest();
    if (!mustStamp && pending.size === 0) compares = 0;
    journal.rewrite();
  }

  /** NGINX did not take it now. What waits is kept and tried again; who waits too long is told so. */
  async function trouble(failure: ApiFailure): Promise<void> {
    const now = performance.now();
    troubleSince ??= now;
    if (now - troubleSince >= options.giveUpMs) {
      const overdue = pending.clear();
      for (const set of overdue) pending.add(set.key, set.value, []);
      const message = `NGINX did not take live data for ${options.giveUpMs} ms: ${failure.message}`;
      answer(overdue, { failure: message });
      if (!reported) options.log(`${message}; trying again`);
      reported = true;
    }
    backoffMs = Math.min(BACKOFF_MAX_MS, Math.max(5, backoffMs * 2));
    await sleep(backoffMs);
  }

  function recovered(): void {
    troubleSince = undefined;
    reported = false;
    backoffMs = 0;
  }

  function sleepUntilNextRemoval(): void {
    clearTimeout(wake);
    const next = removals.next();
    if (next === undefined || !link.up) return;
    wake = setTimeout(() => void pump(), Math.max(1, next - performance.now())).unref();
  }

  return {
    push: (delta) => Promise.resolve(refused() ?? request(delta.set, delta.remove)),
    resync(document) {
      const no = refused();
      if (no !== undefined) return Promise.resolve(no);
      complete = true;
      if (mirror.unknown.size > 0) mustCompare = true;
      const surplus = new Set([...mirror.entries.keys(), ...mirror.unknown, ...inFlight.keys()]);
      for (const set of pending.values()) surplus.add(set.key);
      for (const key of document.keys()) surplus.delete(key);
      return request(
        document,
        [...surplus].filter((key) => !removals.has(key)),
      );
    },
    pushMissing(document) {
      const missing = [...document].filter(([key]) => expected(key) === undefined);
      return Promise.resolve(refused() ?? request(missing, []));
    },
    keep(document) {
      for (const key of removals.keys()) {
        if (document.has(key)) removals.cancel(key);
      }
    },
    drained() {
      if (link.refuse !== undefined) return Promise.resolve(link.refuse);
      return new Promise((resolve) => {
        const waiter = newWaiter(() => resolve(waiter.failure));
        for (const set of [...inFlight.values(), ...pending.values()]) {
          waiter.open += 1;
          set.waiters.push(waiter);
        }
        close(waiter);
      });
    },
    connect(isComplete) {
      link = { up: true, refuse: undefined };
      complete = isComplete;
      mustCompare = !isComplete;
      // Without a document nothing is known to be wrong in NGINX: the first call compares.
      if (isComplete || pending.size > 0) void pump();
    },
    verify(state) {
      if (pumping !== undefined || (state.revision === mirror.revision && state.digest === mirror.digest())) return;
      mustCompare = true;
      void pump();
    },
    hold() {
      link = { up: false, refuse: undefined };
    },
    async disconnect(reason) {
      link = { up: false, refuse: reason };
      clearTimeout(wake);
      removals.clear();
      recovered();
      batchKeys = Infinity;
      answer(pending.clear(), { failure: reason });
      await pumping;
    },
  };
}
