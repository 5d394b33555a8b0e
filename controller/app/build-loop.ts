/**
 * Builds on request, one build at a time and in slices. Changes that arrive during a build are combined into the next
 * build, so even in an endless series, no change waits longer than two builds take.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { errorText } from '../types/error-text.ts';
import type { ObjectChange, Snapshot, SnapshotEvent } from '../types/snapshot.ts';
import type { Build, Built, Overrides } from './build.ts';
import { servicesOf } from './endpoints.ts';
import { buildSteps } from './faults.ts';
import type { GoodIngresses } from './quarantine.ts';
import { inSlices } from '../time/slices.ts';

/** Why a build was requested. */
export interface Trigger {
  readonly changes: readonly ObjectChange[];
  /** `performance.now()` of the first change. */
  readonly noticedAt: number;
  /** True if the effect of this build on nginx.conf is not urgent, because no client request depends on it. */
  readonly patient?: true;
}

/** A finished build, and the newest state of the cluster, which may be newer than the build. */
export interface FinishedBuild {
  readonly built: Built;
  readonly trigger: Trigger;
  /** Newer than the Snapshot of the build if endpoints changed during the build or if another build follows. */
  readonly newest: Snapshot;
  /** `namespace/name` of the Services whose endpoints changed during the build. */
  readonly overtaken: ReadonlySet<string>;
}

export interface BuildLoopOptions {
  readonly build: Build;
  readonly overrides: () => Overrides;
  /** Looks up Ingresses as NGINX currently serves them. */
  readonly good: () => GoodIngresses;
  /** Called with the Ingresses that could not be built. From then on, the overrides must leave these Ingresses out. */
  readonly faulty: (faults: Built['faults']) => void;
  /** Called after each successful build, before the callers of `now` continue. */
  readonly done: (finished: FinishedBuild) => void;
  /** Called if nothing could be built, for example because a template fails. The previous build stays in force. */
  readonly failed: (message: string) => void;
}

export interface BuildLoop {
  /** Requests a build of the newest Snapshot and returns at once. */
  readonly request: (trigger?: Trigger, snapshot?: Snapshot) => void;
  /** Requests a build, which begins after this call, and resolves to its result. Rejects if the build fails. */
  readonly now: (snapshot?: Snapshot) => Promise<Built>;
  /**
   * To be called if only endpoints changed: no build is needed, but a running build has outdated endpoints. Returns the
   * `namespace/name` of the changed Services.
   */
  readonly overtake: (event: Pick<SnapshotEvent, 'snapshot' | 'changes'>) => ReadonlySet<string>;
  /** Whether a build is under way. */
  readonly busy: () => boolean;
  /** Resolves once no build is under way, at the latest after this time. */
  readonly settled: (ms: number) => Promise<void>;
  readonly close: () => void;
}

interface Waiter {
  readonly resolve: (built: Built) => void;
  readonly reject: (error: unknown) => void;
}

export function createBuildLoop(options: BuildLoopOptions, first: Snapshot): BuildLoop {
  let newest = first;
  let pending: Trigger | undefined;
  let waiting: Waiter[] = [];
  let overtaken = new Set<string>();
  let running = false;
  /** Resolves when the builds that are under way have ended. */
  let ended = Promise.resolve();
  const closing = new AbortController();

  function add(trigger: Trigger | undefined, snapshot: Snapshot | undefined): void {
    newest = snapshot ?? newest;
    const [before, more] = [pending, trigger ?? { changes: [], noticedAt: performance.now() }];
    pending = before === undefined ? more : together(before, more);
    if (!running) ended = run();
  }

  async function run(): Promise<void> {
    running = true;
    while (pending !== undefined && !closing.signal.aborted) {
      const [trigger, waiters] = [pending, waiting];
      [pending, waiting, overtaken] = [undefined, [], new Set()];
      try {
        const built = await buildNewest();
        if (closing.signal.aborted) break;
        options.done({ built, trigger, newest, overtaken });
        for (const { resolve } of waiters) resolve(built);
      } catch (error) {
        if (waiters.length === 0) options.failed(errorText(error));
        for (const { reject } of waiters) reject(error);
      }
    }
    running = false;
  }

  /** Builds the newest Snapshot, and builds again if nginx refused something else in the meantime. */
  async function buildNewest(): Promise<Built> {
    for (;;) {
      const overrides = options.overrides();
      overtaken = new Set();
      const built = await inSlices(buildSteps(options.build, newest, overrides, options.good()));
      if (!closing.signal.aborted && built.faults.size > 0) options.faulty(built.faults);
      if (closing.signal.aborted || leavesOutAll(overrides, options.overrides())) return built;
    }
  }

  return {
    request: (trigger, snapshot) => add(trigger, snapshot),
    now: (snapshot) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        add(undefined, snapshot);
      }),
    overtake: ({ snapshot, changes }) => {
      const services = servicesOf(changes, newest, snapshot);
      for (const service of services) overtaken.add(service);
      newest = snapshot;
      return services;
    },
    busy: () => running,
    settled: async (ms) => {
      if (running) await Promise.race([ended, wait(ms, undefined, { ref: false })]);
    },
    close: () => closing.abort(),
  };
}

function together(a: Trigger, b: Trigger): Trigger {
  const patient = a.patient === true && b.patient === true;
  return { changes: [...a.changes, ...b.changes], noticedAt: a.noticedAt, ...(patient && { patient }) };
}

/**
 * Whether a build with the overrides `made` leaves out everything that `now` leaves out. The build may also leave out
 * an Ingress that has been released since; another build adds that Ingress.
 */
export function leavesOutAll(made: Overrides, now: Overrides): boolean {
  if (made.settingTexts?.refused !== now.settingTexts?.refused) return false;
  if (made.quarantine === now.quarantine) return true;
  return [...now.quarantine].every(([key, left]) => {
    const before = made.quarantine.get(key);
    const lowered = before?.lastGood !== left.lastGood || (left.absent === true && before?.absent !== true);
    return before === left || (before?.refused === left.refused && !lowered);
  });
}
