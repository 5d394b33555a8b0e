/**
 * Keeps the state of one selection of objects up to date by listing and then watching, indefinitely. An outage removes
 * no objects; only a complete new list or a deletion event does.
 */
import { pause } from '../../time/pause.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { ApiConnection } from './connection.ts';
import type { ConcurrencyLimit } from '../concurrency-limit.ts';
import { list } from './list.ts';
import { type MalformedObjects, NOT_MALFORMED, withMalformed, withoutMalformed } from './malformed.ts';
import { readItem } from './read-item.ts';
import type { Item } from './read-item.ts';
import { describeSelection, isSingle } from './resources.ts';
import type { Selection } from './resources.ts';
import type { RequestFailure } from './request-failure.ts';
import type { Tuning } from './tuning.ts';
import { watch } from './watch.ts';
import type { WatchEnd } from './watch.ts';
import { errorText } from '../../types/error-text.ts';

/** Receives the objects of a reflector. None of these functions may throw. */
export interface ReflectorFeed {
  /** A list begins or restarts. Earlier calls of `listed` for this list no longer count. */
  begin(): void;
  listed(item: Item): void;
  /** All objects of the list have been passed to `listed`. */
  complete(): void;
  changed(item: Item, present: boolean): void;
}

export interface ReflectorState {
  /** The selection has been listed once or, if `mayBeForbidden`, refused. */
  readonly settled: boolean;
  /** The selection has been listed at least once. */
  readonly synced: boolean;
  /** `performance.now()` when the stored state was last known to be current. */
  readonly freshAt: number;
  /** The current failure, if there is one. */
  readonly failure: RequestFailure | undefined;
  /** Objects that do not have the shape of their kind. */
  readonly malformed: MalformedObjects;
}

export interface Reflector {
  readonly selection: Selection;
  state(): ReflectorState;
  /** After this returns, the feed is not called anymore. */
  stop(): void;
}

export interface ReflectorOptions {
  readonly connection: ApiConnection;
  readonly tuning: Tuning;
  readonly selection: Selection;
  readonly feed: ReflectorFeed;
  /** If true, a refusal (403) counts as settled, so that other objects do not wait for this selection. */
  readonly mayBeForbidden: boolean;
  /** Limits how many lists of this and other reflectors run at the same time. */
  readonly limit?: ConcurrencyLimit;
  /** Called whenever the state has changed, except for `freshAt`. */
  readonly onState: () => void;
}

/** Failures are reported after this many in a row. A single failure may be chance. */
const TOLD_FAILURES = 2;
/** Failures that are reported at once, because they do not go away with time. */
const REFUSALS: ReadonlySet<RequestFailure['cause']> = new Set(['forbidden', 'unauthorized', 'refused']);
/** Watches that end too soon still keep the state almost current. They are reported after this many in a row. */
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
    malformed: NOT_MALFORMED,
  };
  let failures = 0;
  /** The number of consecutive watches that ended too soon. */
  let flaps = 0;
  /** Whether the last watch failed. A list that succeeds does not clear the failure of the watch. */
  let watchFailing = false;

  function update(change: Partial<ReflectorState>): void {
    const before = state;
    state = { ...state, ...change };
    const told = (['settled', 'synced', 'failure', 'malformed'] as const).some((name) => state[name] !== before[name]);
    if (told) onState();
  }

  /** Undefined if the object is malformed. */
  function read(raw: unknown, isTooDeep: boolean): Item | undefined {
    return isTooDeep ? undefined : readItem(selection.kind, raw, tuning);
  }

  async function relist(): Promise<string | RequestFailure> {
    let malformed = NOT_MALFORMED;
    const began = performance.now();
    const work = () =>
      list(connection, selection, tuning, signal, {
        begin() {
          malformed = NOT_MALFORMED;
          feed.begin();
        },
        item(raw, isTooDeep) {
          const item = signal.aborted ? undefined : read(raw, isTooDeep);
          if (item === undefined) malformed = withMalformed(malformed, selection.kind, raw, isTooDeep);
          else feed.listed(item);
        },
      });
    const listed = await (limit === undefined ? work() : limit.run(work));
    if (signal.aborted) return '';
    if (!listed.ok) return listed.failure;
    feed.complete();
    // A list shows the state at the time of its first page.
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

  /** Watches from `version`. Returns the version to continue from; undefined if a new list is needed. */
  async function follow(version: string): Promise<string | undefined> {
    let proof: NodeJS.Timeout | undefined;
    const end = await watch(connection, selection, version, tuning, signal, {
      alive() {
        state = { ...state, freshAt: performance.now() };
        if (flaps === 0) watchFailing = false;
        if (flaps === 0 && state.failure !== undefined) update({ failure: undefined });
        proof ??= setTimeout(healthy, tuning.healthyMs);
      },
      changed(type, raw, isTooDeep) {
        if (signal.aborted) return;
        const item = read(raw, isTooDeep);
        const mended = item !== undefined || type === 'DELETED';
        const { malformed } = state;
        update({
          malformed: mended
            ? withoutMalformed(malformed, selection.kind, raw)
            : withMalformed(malformed, selection.kind, raw, isTooDeep),
        });
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

  /**
   * Waits between a watch that began normally and the next watch. If the watch lasted for `healthyMs`, there is no
   * pause; otherwise the pause grows with each such watch in a row.
   */
  async function takeUp({ livedMs, failure }: WatchEnd): Promise<void> {
    if (livedMs >= tuning.healthyMs) return;
    flaps += 1;
    if (flaps >= TOLD_FLAPS) update({ failure: failure ?? endless() });
    // There are many watches of single names, and they do not carry endpoints.
    const cap = isSingle(selection) ? tuning.backoffCapMs : Math.min(tuning.flapCapMs, tuning.backoffCapMs);
    await pause(retryDelayMs(flaps, failure?.retryAfterMs, { ...tuning, backoffCapMs: cap }), signal);
  }

  function endless(): RequestFailure {
    const message = `watches of ${describeSelection(selection)} end as soon as they start`;
    return { cause: 'unreachable', message, retryAfterMs: undefined };
  }

  /** Waits after a list that failed, or a watch that could not start or reported an error. */
  async function stumble(failure: RequestFailure | undefined): Promise<void> {
    failures += 1;
    if (failure?.cause === 'expired') {
      // A single expiry is normal.
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
    // Expected errors are handled as values, so anything thrown is a bug and must be visible.
    const message = `watching ${describeSelection(selection)} has ended: ${errorText(error)}`;
    update({ failure: { cause: 'refused', message, retryAfterMs: undefined } });
  });

  return { selection, state: () => state, stop: () => stopping.abort() };
}
