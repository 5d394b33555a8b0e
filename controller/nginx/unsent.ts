/**
 * Tracks the difference between NGINX's live data and the target. The tracking is level-triggered: whenever a key has
 * changed on either side, both sides are compared, and their difference at that time is sent, whichever call caused it.
 */
import type { Artifact } from '../types/artifact.ts';
import { LIVE_PREFIXES, type LiveDocument } from '../types/live.ts';
import type { LiveAnswer } from '../types/nginx.ts';
import { differingKeys } from '../types/table/diff.ts';
import { entryFault, lineBytes, prefixRank } from './batch.ts';
import { answer, close, createWaiting, type LiveCall, newCall } from './live-call.ts';
import type { LiveDataMirror } from './mirror.ts';
import { createRemovals, type Removals, type RemovalTimes } from './removals.ts';
import { createWalks } from './walks.ts';

/** The requested live data, and the hash of the conf to which it belongs. */
export type Target = Pick<Artifact, 'live' | 'confHash'>;

/** The content of one batch. */
export interface Load {
  readonly sets: readonly (readonly [string, string])[];
  readonly removes: readonly string[];
}

export interface Unsent {
  /** Undefined before the first call of `want`. Without a target, nothing is sent or removed. */
  readonly target: Target | undefined;
  /** Whether there are keys to be set. */
  readonly some: () => boolean;
  /**
   * Replaces the target. With a `call`, resolves when all differences are known; without one, resolves at once, and
   * the next `recount` finds them.
   */
  readonly want: (target: Target, call?: LiveCall) => Promise<void>;
  /** Compares all keys. Call it after the mirror was replaced. */
  readonly recount: () => Promise<void>;
  /** Compares one key. Call it when the value in NGINX was found to differ from the mirror. */
  readonly look: (key: string, call?: LiveCall, now?: number) => void;
  /** If the conf of the target is now in force, schedules the removal of keys that the target lacks. */
  readonly retire: () => void;
  /**
   * Resolves when NGINX has acknowledged or refused every value of the current target. The result is undefined, or the
   * reason why a key of the document is missing.
   */
  readonly settled: (document: LiveDocument) => Promise<string | undefined>;
  /** Takes the entries of the next batch. They count as being sent until `landed`, `returned` or `refuse` is called. */
  readonly take: (bytes: number, keys: number) => Load;
  /** NGINX acknowledged the batch. */
  readonly landed: () => void;
  /** NGINX did not accept the batch, or the result is unknown. */
  readonly returned: () => void;
  /** NGINX refused the batch, which contains a single value. */
  readonly refuse: (reason: string) => void;
  /** Treats all waiting values for which `isMeant` returns true as refused, without sending them. */
  readonly refuseWaiting: (reason: string, isMeant: (key: string, text: string) => boolean) => void;
  /** Queues the refused values again. */
  readonly offerAgain: () => void;
  /** Whether there are refused values that `offerAgain` would queue. */
  readonly hasRefused: () => boolean;
  /**
   * Answers all waiting calls with `failed`. Their keys remain queued. If `later` is true, the later results of these
   * keys are reported to `retried`.
   */
  readonly fail: (reason: string, later: boolean) => void;
  readonly removals: Pick<Removals, 'next' | 'waitsForWorkers' | 'seen' | 'clear'>;
}

export interface UnsentOptions extends RemovalTimes {
  readonly mirror: LiveDataMirror;
  readonly isInForce: (confHash: string) => boolean;
  /** Receives the results of values that were queued again. */
  readonly retried: (answer: LiveAnswer) => void;
  readonly log: (problem: string) => void;
}

interface Flight {
  readonly text: string;
  readonly calls: LiveCall[];
}

const REMOVES_MAX = 1000;

export function createUnsent(options: UnsentOptions): Unsent {
  const { mirror } = options;
  const removals = createRemovals(options);
  /** Keys to be set: one list for each prefix, in the order in which they are sent. */
  const lanes = LIVE_PREFIXES.map(() => new Set<string>());
  const waiting = createWaiting();
  let target: Target | undefined;
  let flying: ReadonlyMap<string, Flight> = new Map();
  let removing: ReadonlySet<string> = new Set();
  /** Values that NGINX refused, or that cannot be sent. `final` marks those that would be refused every time. */
  const refused = new Map<string, { readonly text: string; readonly final: boolean }>();
  /** Keys that NGINX has and the target lacks. */
  const surplus = new Set<string>();
  const walks = createWalks();

  function retried(answered: LiveAnswer): void {
    if (answered.outcome.kind !== 'none') options.retried(answered);
  }

  function* unsentKeys(): Generator<string> {
    for (const lane of lanes) yield* lane;
  }

  /** The value that NGINX will have when it has acknowledged the batch that is being sent. */
  function expected(key: string): string | undefined {
    return flying.get(key)?.text ?? (removing.has(key) ? undefined : mirror.entries.get(key));
  }

  function isRetiring(): boolean {
    return target !== undefined && options.isInForce(target.confHash);
  }

  function look(key: string, call?: LiveCall, now = performance.now()): void {
    const text = target?.live.get(key);
    const isUnsent = text === undefined ? giveUp(key, call, now) : isMissing(key, text);
    const lane = lanes[prefixRank(key) ?? lanes.length];
    if (call !== undefined && text !== undefined) {
      call.open += 1;
      call.set.push(key);
      waiting.add(key, [call]);
    }
    if (isUnsent) lane?.add(key);
    else {
      lane?.delete(key);
      const flight = flying.get(key);
      if (flight !== undefined && flight.text === text) flight.calls.push(...waiting.take(key));
      else answer(waiting.take(key), 'found');
    }
  }

  function isMissing(key: string, text: string): boolean {
    surplus.delete(key);
    removals.cancel(key);
    if (expected(key) === text) refused.delete(key);
    else if (refused.get(key)?.text !== text) {
      refused.delete(key);
      const fault = entryFault(key, text);
      if (fault === undefined) return true;
      refused.set(key, { text, final: true });
      options.log(`${fault}; it is left out, and everything else is served`);
    }
    return false;
  }

  function giveUp(key: string, call: LiveCall | undefined, now: number): false {
    refused.delete(key);
    const isHeld = expected(key) !== undefined || (mirror.unknown.has(key) && !removing.has(key));
    if (isHeld && target !== undefined) {
      surplus.add(key);
      if (isRetiring()) {
        removals.add(key, now);
        call?.remove.push(key);
      }
    }
    return false;
  }

  /** Clears the record of the batch that is being sent, and returns it. */
  function arrived(): { readonly flown: ReadonlyMap<string, Flight>; readonly kept: ReadonlySet<string> } {
    const was = { flown: flying, kept: removing };
    flying = new Map();
    removing = new Set();
    return was;
  }

  function retire(): void {
    const now = performance.now();
    if (isRetiring()) for (const key of surplus) removals.add(key, now);
  }

  function walk(keys: Iterable<string>, call?: LiveCall): Promise<void> {
    // All keys get the same time, so that keys are not removed before the keys that refer to them.
    const now = performance.now();
    return walks.over(keys, (key) => look(key, call, now));
  }

  function* allKeys(): Generator<string> {
    yield* unsentKeys();
    yield* waiting.keys();
    yield* surplus;
    if (target !== undefined) yield* differingKeys(mirror.entries, target.live);
  }

  return {
    get target() {
      return target;
    },
    some: () => lanes.some(({ size }) => size > 0),
    async want(next, call) {
      const before = target;
      target = next;
      if (call === undefined) return;
      await walk(differingKeys(before?.live ?? mirror.entries, next.live), call);
      if (before?.confHash !== next.confHash) retire();
    },
    recount: () => {
      refused.clear();
      return walk(allKeys());
    },
    look,
    retire,
    async settled(document) {
      await walks.ended();
      const failure = await new Promise<string | undefined>((resolve) => {
        const call = newCall(
          () => mirror.revision,
          () => resolve(call.failure),
        );
        for (const key of unsentKeys()) waiting.add(key, [call]);
        for (const { calls } of flying.values()) calls.push(call);
        call.open += flying.size + lanes.reduce((sum, { size }) => sum + size, 0);
        close(call);
      });
      if (failure !== undefined || target === undefined) return failure;
      for (const key of differingKeys(target.live, document))
        if (!target.live.has(key) && expected(key) === undefined) return `${key} is no longer in the target`;
      return undefined;
    },
    take(bytes, count) {
      const sets: (readonly [string, string])[] = [];
      let used = 0;
      for (const key of unsentKeys()) {
        const text = target?.live.get(key);
        if (text === undefined) {
          // The key has left the target, and the walk over the changed keys has not reached it yet.
          look(key);
          continue;
        }
        used += lineBytes(key, text);
        if (sets.length > 0 && (used > bytes || sets.length >= count)) break;
        sets.push([key, text]);
      }
      flying = new Map(sets.map(([key, text]) => [key, { text, calls: waiting.take(key) }]));
      for (const [key] of sets) lanes[prefixRank(key) ?? lanes.length]?.delete(key);
      const removes = removals
        .take(performance.now(), REMOVES_MAX)
        .filter((key) => (mirror.entries.has(key) || mirror.unknown.has(key)) && target?.live.has(key) !== true);
      removing = new Set(removes);
      return { sets, removes };
    },
    landed() {
      for (const key of removing) surplus.delete(key);
      for (const { calls } of arrived().flown.values()) answer(calls, 'sent');
    },
    returned() {
      const { flown, kept } = arrived();
      for (const [key, { calls }] of flown) {
        waiting.add(key, calls);
        look(key);
      }
      for (const key of kept) look(key);
    },
    refuse(reason) {
      const { flown, kept } = arrived();
      for (const [key, { text, calls }] of flown) {
        refused.set(key, { text, final: false });
        answer(calls, { refusal: reason });
      }
      for (const key of kept) look(key);
    },
    refuseWaiting(reason, isMeant) {
      for (const lane of lanes)
        for (const key of lane) {
          const text = target?.live.get(key);
          if (text === undefined || !isMeant(key, text)) continue;
          lane.delete(key);
          refused.set(key, { text, final: false });
          answer(waiting.take(key), { refusal: reason });
        }
    },
    offerAgain() {
      const call = newCall(() => mirror.revision, retried, true);
      for (const [key, { final }] of refused) {
        if (final) continue;
        refused.delete(key);
        look(key, call);
      }
      close(call);
    },
    hasRefused: () => [...refused.values()].some(({ final }) => !final),
    fail(reason, later) {
      const patient = later ? newCall(() => mirror.revision, retried, true) : undefined;
      waiting.fail(reason, patient);
      if (patient !== undefined) close(patient);
    },
    removals,
  };
}
