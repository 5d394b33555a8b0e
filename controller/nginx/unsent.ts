/**
 * The difference between what NGINX holds and what is wanted. It is level-triggered: a key is examined whenever one of
 * the two sides changed, and the difference at that time is sent, whichever call asked for it.
 */
import type { Artifact } from '../types/artifact.ts';
import { LIVE_PREFIXES, type LiveDocument } from '../types/live.ts';
import type { LiveAnswer } from '../types/nginx.ts';
import { differingKeys } from '../types/table/diff.ts';
import { entryFault, lineBytes, prefixRank } from './batch.ts';
import { answer, close, createWaiting, type LiveCall, newCall } from './live-call.ts';
import type { Mirror } from './mirror.ts';
import { createRemovals, type Removals, type RemovalTimes } from './removals.ts';
import { createWalks } from './walks.ts';

/** Live data, and the conf that goes with it. */
export type Target = Pick<Artifact, 'live' | 'confHash'>;

/** The content of one batch. */
export interface Load {
  readonly sets: readonly (readonly [string, string])[];
  readonly removes: readonly string[];
}

export interface Unsent {
  /** Undefined until there is a target: nothing in NGINX is known to be wrong. */
  readonly target: Target | undefined;
  /** Whether there are keys to be set. */
  readonly some: () => boolean;
  /**
   * Replaces the target; without a call, nothing is examined before `recount`. Resolves when all differences are known.
   */
  readonly want: (target: Target, call?: LiveCall) => Promise<void>;
  /** Examines all keys, after the mirror was replaced. */
  readonly recount: () => Promise<void>;
  /** Examines one key for which NGINX was found to hold something other than the mirror said. */
  readonly look: (key: string, call?: LiveCall, now?: number) => void;
  /** The conf in force may now be the target's: keys that the target lacks begin to wait for their removal. */
  readonly retire: () => void;
  /**
   * Resolves when NGINX holds or has refused the current target, with the reason if a key of the document is missing.
   */
  readonly settled: (document: LiveDocument) => Promise<string | undefined>;
  /** Takes what is to be sent now; it counts as under way until `landed` or `returned`. */
  readonly take: (bytes: number, keys: number) => Load;
  readonly landed: () => void;
  /** It did not arrive, or the result is unknown. */
  readonly returned: () => void;
  /** NGINX refuses the single key under way. */
  readonly refuse: (reason: string) => void;
  /** Gives up all waiting values that `isMeant`, for want of space or patience. */
  readonly refuseWaiting: (reason: string, isMeant: (key: string, text: string) => boolean) => void;
  /** Offers again what NGINX refused. */
  readonly offerAgain: () => void;
  /** Whether there are refused keys. */
  readonly hasRefused: () => boolean;
  /** Answers all waiting calls; their keys stay to be sent, which is reported to `retried` if `later`. */
  readonly fail: (reason: string, later: boolean) => void;
  readonly removals: Pick<Removals, 'next' | 'waitsForWorkers' | 'seen' | 'clear'>;
}

export interface UnsentOptions extends RemovalTimes {
  readonly mirror: Mirror;
  readonly isInForce: (confHash: string) => boolean;
  /** Receives the results of keys that were offered again. */
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
  /** Keys to be set, in the order of sending. */
  const lanes = LIVE_PREFIXES.map(() => new Set<string>());
  const waiting = createWaiting();
  let target: Target | undefined;
  let flying: ReadonlyMap<string, Flight> = new Map();
  let removing: ReadonlySet<string> = new Set();
  /** Values that NGINX does not get; `final`: offering them again is pointless. */
  const refused = new Map<string, { readonly text: string; readonly final: boolean }>();
  /** Keys that NGINX holds and that are not wanted. */
  const surplus = new Set<string>();
  const walks = createWalks();

  function retried(answered: LiveAnswer): void {
    if (answered.outcome.kind !== 'none') options.retried(answered);
  }

  function* unsentKeys(): Generator<string> {
    for (const lane of lanes) yield* lane;
  }

  /** What NGINX will hold once the batch under way is acknowledged. */
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

  /** Clears what is under way, and returns it. */
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
    // One time for all keys: those that refer to others are removed before them, or with them.
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
        if (!target.live.has(key) && expected(key) === undefined) return `${key} is no longer wanted`;
      return undefined;
    },
    take(bytes, count) {
      const sets: (readonly [string, string])[] = [];
      let used = 0;
      for (const key of unsentKeys()) {
        const text = target?.live.get(key);
        if (text === undefined) {
          // A walk that will find that out is still under way.
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
