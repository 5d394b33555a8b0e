/** What callers asked for and NGINX has not acknowledged yet: sets that wait or fly, removals in their grace period. */
import type { LiveDelta, LiveDocument } from '../types/live.ts';
import type { Outcome } from '../types/outcome.ts';
import { entryFault } from './batch.ts';
import type { Mirror } from './mirror.ts';
import { answer, close, createPending, newWaiter } from './pending.ts';
import type { Pending, PendingSet, Waiter } from './pending.ts';
import { createRemovals } from './removals.ts';
import type { Generations, RemovalTimes } from './removals.ts';
import { inSlices } from './slices.ts';

/** What goes into one batch. */
export interface Load {
  readonly sets: readonly PendingSet[];
  readonly removes: readonly string[];
}

export interface Backlog {
  readonly pending: Pending;
  /** Takes a call; resolves when NGINX has acknowledged its sets. */
  request(delta: LiveDelta): Promise<Outcome>;
  /** The difference between a document and what NGINX will hold when nothing waits any more. */
  towards(document: LiveDocument): LiveDelta;
  /** The keys of a document that NGINX will not hold; looked for in slices. None of them may be about to be removed. */
  missing(document: LiveDocument): Promise<LiveDelta>;
  /** Does not remove the keys of a document that wait for it. */
  keep(document: LiveDocument): void;
  /** Resolves when everything that waits or flies now has been answered; with the first failure, refusals apart. */
  drained(): Promise<string | undefined>;
  /** Takes what is to be sent now; it counts as under way until `landed`. */
  take(bytes: number, keys: number): Load;
  landed(): void;
  /** Takes back what could not be sent. */
  giveBack(load: Load): void;
  /** A key that nobody asked for is removed as if it had been given up now. */
  bury(key: string): void;
  /** Answers all who wait; `keep` leaves their sets to be sent nevertheless. */
  fail(reason: string, keep: boolean): void;
  /** Gives up those sets that need more space than what NGINX holds in their place. */
  refuseGrowth(reason: string): void;
  /** Milliseconds until the next removal may be due. */
  nextRemoval(): number | undefined;
  /** Is there a removal that only waits for older workers to end? */
  waitsForWorkers(): boolean;
  /** Which generations have workers. */
  seen(generations: Generations): void;
  clearRemovals(): void;
}

const REMOVES_MAX = 1000;

export interface BacklogOptions extends RemovalTimes {
  readonly log: (problem: string) => void;
}

export function createBacklog(mirror: Mirror, options: BacklogOptions): Backlog {
  const pending = createPending();
  const removals = createRemovals(options);
  let flying: ReadonlyMap<string, PendingSet> = new Map();
  let removing: ReadonlySet<string> = new Set();
  /** Key → why its value cannot be sent, as it was said. */
  const faulty = new Map<string, string>();

  /** What NGINX will hold for a key once all that waits has been sent, removals in their grace period apart. */
  function expected(key: string): string | undefined {
    const set = pending.get(key) ?? flying.get(key);
    if (set !== undefined) return set.value;
    return removing.has(key) ? undefined : mirror.entries.get(key);
  }

  /** Makes the waiter wait for a value, unless NGINX has it. */
  function want(key: string, value: string, waiter: Waiter): void {
    removals.cancel(key);
    const underWay = pending.get(key) ?? flying.get(key);
    if (expected(key) !== value) pending.add(key, value, [waiter]);
    else if (underWay !== undefined) underWay.waiters.push(waiter);
    else return;
    waiter.open += 1;
  }

  /** Whether a value can be sent. One that cannot leaves what NGINX holds, and is said once. */
  function isSound(key: string, value: string): boolean {
    // What was taken before has been looked at.
    const fault = expected(key) === value ? undefined : entryFault(key, value);
    if (fault === undefined) faulty.delete(key);
    else if (faulty.get(key) !== fault) {
      faulty.set(key, fault);
      options.log(`${fault}; it is left out, and everything else is served`);
    }
    return fault === undefined;
  }

  function unwant(key: string, now: number): boolean {
    if (expected(key) === undefined && !mirror.unknown.has(key)) return false;
    removals.add(key, now);
    return true;
  }

  function outcomeOf({ failure, refusal, sent }: Waiter, removed: number, started: number): Outcome {
    const ms = performance.now() - started;
    if (failure !== undefined) return { kind: 'failed', message: failure, errorLog: [], ms };
    if (refusal !== undefined) return { kind: 'failed', message: refusal, errorLog: [], ms, others: 'taken' };
    if (sent === 0 && removed === 0) return { kind: 'none' };
    return { kind: 'live', set: sent, removed, revision: mirror.revision, ms };
  }

  return {
    pending,
    request({ set, remove }) {
      const started = performance.now();
      return new Promise((resolve) => {
        let removed = 0;
        const waiter = newWaiter(() => resolve(outcomeOf(waiter, removed, started)));
        for (const [key, value] of set) {
          if (isSound(key, value)) want(key, value, waiter);
        }
        for (const key of remove) {
          faulty.delete(key);
          if (entryFault(key, undefined) === undefined && unwant(key, started)) removed += 1;
        }
        close(waiter);
      });
    },
    towards(document) {
      const surplus = new Set([...mirror.entries.keys(), ...mirror.unknown, ...flying.keys()]);
      for (const set of pending.values()) surplus.add(set.key);
      for (const key of document.keys()) surplus.delete(key);
      return { set: [...document], remove: [...surplus].filter((key) => !removals.has(key)) };
    },
    async missing(document) {
      const set: (readonly [string, string])[] = [];
      await inSlices(document, (entry) => {
        if (expected(entry[0]) === undefined) set.push(entry);
      });
      return { set, remove: [] };
    },
    keep(document) {
      for (const key of removals.keys()) {
        if (document.has(key)) removals.cancel(key);
      }
    },
    drained() {
      return new Promise((resolve) => {
        const waiter = newWaiter(() => resolve(waiter.failure));
        for (const set of [...flying.values(), ...pending.values()]) {
          waiter.open += 1;
          set.waiters.push(waiter);
        }
        close(waiter);
      });
    },
    take(bytes, keys) {
      const sets = pending.take(bytes, keys);
      flying = new Map(sets.map((set) => [set.key, set]));
      const removes = removals
        .take(performance.now(), REMOVES_MAX, (key) => flying.has(key) || pending.get(key) !== undefined)
        .filter((key) => mirror.entries.has(key) || mirror.unknown.has(key));
      removing = new Set(removes);
      return { sets, removes };
    },
    landed() {
      flying = new Map();
      removing = new Set();
    },
    giveBack({ sets, removes }) {
      pending.putBack(sets);
      for (const key of removes) {
        if (pending.get(key) === undefined) removals.addDue(key);
      }
    },
    bury(key) {
      removals.add(key, performance.now());
    },
    fail(reason, keep) {
      const sets = pending.clear();
      if (keep) for (const set of sets) pending.add(set.key, set.value, []);
      answer(sets, { failure: reason });
    },
    refuseGrowth(reason) {
      const growing = [...pending.values()].filter(
        ({ key, value }) => value.length > (mirror.entries.get(key)?.length ?? 0),
      );
      for (const { key } of growing) pending.delete(key);
      answer(growing, { refusal: reason });
    },
    nextRemoval() {
      const now = performance.now();
      const next = removals.next(now);
      return next === undefined ? undefined : Math.max(1, next - now);
    },
    waitsForWorkers: () => removals.waitsForWorkers(performance.now()),
    seen: (generations) => removals.seen(generations),
    clearRemovals: () => removals.clear(),
  };
}
