/**
 * Lists, then watches, indefinitely: keeps the state of one selection of objects up to date. An outage removes nothing;
 * only a complete new list, or a deletion event, does.
 */
import { pause } from '../../time/pause.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { ApiConnection } from './connection.ts';
import type { ConcurrencyLimit } from '../concurrency-limit.ts';
import { list } from './list.ts';
import { readItem } from './read-item.ts';
import type { Item } from './read-item.ts';
import { describeSelection, isSingle } from './resources.ts';
import type { Selection } from './resources.ts';
import type { RequestFailure } from './request-failure.ts';
import type { Tuning } from './tuning.ts';
import { watch } from './watch.ts';
import type { WatchEnd } from './watch.ts';

/** Receives the objects. None of these functions may throw. */
export interface ReflectorFeed {
  /** A list begins (again); earlier calls of `listed` are void. */
  begin(): void;
  listed(item: Item): void;
  /** The list is complete. */
  complete(): void;
  changed(item: Item, present: boolean): void;
}

export interface ReflectorState {
  /** Listed once, or (where that is allowed) refused. */
  readonly settled: boolean;
  /** Listed at least once. */
  readonly synced: boolean;
  /** `performance.now()` of the last proof that the held state is current. */
  readonly freshAt: number;
  /** The current failure. */
  readonly failure: RequestFailure | undefined;
  /** Objects that are not shaped like their kind, since the last list. */
  readonly malformed: number;
}

export interface Reflector {
  readonly selection: Selection;
  state(): ReflectorState;
  /** After this returns, nothing reaches the feed. */
  stop(): void;
}

export interface ReflectorOptions {
  readonly connection: ApiConnection;
  readonly tuning: Tuning;
  readonly selection: Selection;
  readonly feed: ReflectorFeed;
  /** A refusal (403) counts as settled: others must not wait for it. */
  readonly mayBeForbidden: boolean;
  /** Limits concurrent lists and starts of watches. */
  readonly limit?: ConcurrencyLimit;
  /** Called whenever anything but `freshAt` has changed. */
  readonly onState: () => void;
}

/** A single failure may be chance and is not reported; the second in a row is. */
const TOLD_FAILURES = 2;
/** Reported at the first failure: waiting does not fix them. */
const REFUSALS: ReadonlySet<RequestFailure['cause']> = new Set(['forbidden', 'unauthorized', 'refused']);
/** Watches that end too soon still keep the state roughly current; this many in a row are reported all the same. */
const TOLD_FLAPS = 10;

export function startReflector(options: ReflectorOptions): Reflector {
  const { connection, tuning, selection, feed, mayBeForbidden, limit, onState } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let state: ReflectorState = {
    settled: false,
    synced: false,
    freshAt: performance.now(),
    failure: undefined,
    malformed: 0,
  };
  let failures = 0;
  /** Consecutive watches that ended too soon. */
  let flaps = 0;
  /** A list that works does not prove that watches do. */
  let watchFailing = false;

  function update(change: Partial<ReflectorState>): void {
    const before = state;
    state = { ...state, ...change };
    const told = (['settled', 'synced', 'failure', 'malformed'] as const).some((name) => state[name] !== before[name]);
    if (told) onState();
  }

  function read(raw: unknown): Item | undefined {
    const item = readItem(selection.kind, raw, tuning);
    if (item === undefined) update({ malformed: state.malformed + 1 });
    return item;
  }

  async function relist(): Promise<string | RequestFailure> {
    let malformed = 0;
    const began = performance.now();
    const work = () =>
      list(connection, selection, tuning, signal, {
        begin() {
          malformed = 0;
          feed.begin();
        },
        item(raw) {
          const item = signal.aborted ? undefined : readItem(selection.kind, raw, tuning);
          if (item === undefined) malformed += 1;
          else feed.listed(item);
        },
      });
    const listed = await (limit === undefined ? work() : limit.run(work));
    if (signal.aborted) return '';
    if (!listed.ok) return listed.failure;
    feed.complete();
    // A list is as fresh as its first page.
    const failure = watchFailing ? state.failure : undefined;
    update({ settled: true, synced: true, freshAt: began, failure, malformed });
    return listed.resourceVersion;
  }

  function healthy(): void {
    failures = 0;
    flaps = 0;
    watchFailing = false;
    if (state.failure !== undefined) update({ failure: undefined });
  }

  /** Returns the version to continue from; undefined for a new list. */
  async function follow(version: string): Promise<string | undefined> {
    let proof: NodeJS.Timeout | undefined;
    const end = await watch(connection, selection, version, tuning, signal, {
      alive() {
        state = { ...state, freshAt: performance.now() };
        if (flaps === 0) watchFailing = false;
        if (flaps === 0 && state.failure !== undefined) update({ failure: undefined });
        proof ??= setTimeout(healthy, tuning.healthyMs);
      },
      changed(type, raw) {
        const item = signal.aborted ? undefined : read(raw);
        if (item === undefined) return;
        healthy();
        feed.changed(item, type !== 'DELETED');
      },
    });
    clearTimeout(proof);
    if (signal.aborted) return undefined;
    watchFailing = end.failure !== undefined;
    await (end.how === 'cut' || end.how === 'closed' ? takeUp(end) : stumble(end.failure));
    return end.version;
  }

  /** A watch that began normally has ended: retry at once, unless this keeps happening. */
  async function takeUp({ livedMs, failure }: WatchEnd): Promise<void> {
    if (livedMs >= tuning.healthyMs) return;
    flaps += 1;
    if (flaps >= TOLD_FLAPS) update({ failure: failure ?? endless() });
    // Watches of single names are many, and they do not carry endpoints.
    const cap = isSingle(selection) ? tuning.backoffCapMs : Math.min(tuning.flapCapMs, tuning.backoffCapMs);
    await pause(retryDelayMs(flaps, failure?.retryAfterMs, { ...tuning, backoffCapMs: cap }), signal);
  }

  function endless(): RequestFailure {
    const message = `watches of ${describeSelection(selection)} end as soon as they start`;
    return { cause: 'unreachable', message, retryAfterMs: undefined };
  }

  /** A list failed, or a watch could not start. */
  async function stumble(failure: RequestFailure | undefined): Promise<void> {
    failures += 1;
    if (failure?.cause === 'expired') {
      // A first expiry is normal.
      if (failures <= 1) return;
    } else if (failure !== undefined && (REFUSALS.has(failure.cause) || failures >= TOLD_FAILURES)) {
      update({ failure, settled: state.settled || (mayBeForbidden && failure.cause === 'forbidden') });
    }
    await pause(retryDelayMs(failures, failure?.retryAfterMs, tuning), signal);
  }

  async function run(): Promise<void> {
    let version: string | undefined;
    while (!signal.aborted) {
      if (version !== undefined) {
        version = await follow(version);
        continue;
      }
      const result = await relist();
      if (typeof result === 'string') version = result;
      else await stumble(result);
    }
  }

  run().catch((error: unknown) => {
    // Expected errors are values here; anything thrown is a bug and must be visible.
    const message = `watching ${describeSelection(selection)} has ended: ${error instanceof Error ? error.message : String(error)}`;
    update({ failure: { cause: 'refused', message, retryAfterMs: undefined } });
  });

  return { selection, state: () => state, stop: () => stopping.abort() };
}
