/**
 * Turns Problems into Events on their objects: when a Problem appears, and again before the API server deletes the
 * Event.
 */
import { hash } from 'node:crypto';
import { formatField, type ObjectRef, type Problem } from '../types/problem.ts';
import { type EventNote, reasonOf } from './event-object.ts';
import type { EventRecorder } from './events.ts';
import { problemText } from './problem-text.ts';
import { beginSlices, type Sliced } from '../time/slices.ts';

export interface ProblemEventsOptions {
  readonly recorder: EventRecorder;
  /** Returns the uid of an object in the cluster; undefined if the object does not exist. It then gets no Event. */
  readonly uidOf: (object: ObjectRef) => string | undefined;
  /** Whether this replica records Events. One of several replicas is enough: the leader. */
  readonly enabled: () => boolean;
  /**
   * Milliseconds after which the Event of a lasting Problem is recorded again. Default 30 min; the API server deletes
   * Events after 60 min.
   */
  readonly refreshMs?: number;
}

export interface ProblemEvents {
  /** Has to be called with all current Problems whenever they may have changed. */
  readonly report: (problems: readonly Problem[]) => void;
  /** Checks the current Problems again, because this replica may have become the one that records Events. */
  readonly refresh: () => void;
  readonly close: () => void;
}

const REFRESH_MS = 30 * 60_000;

/** The Event for a Problem. Its message does not name the object, because the Event is attached to it. */
export function problemNote(problem: Problem, uid: string): EventNote | undefined {
  const { object, place: _place, ...rest } = problem;
  if (object === undefined) return undefined;
  return {
    target: { ...object, uid },
    type: problem.severity === 'notice' ? 'Normal' : 'Warning',
    reason: reasonOf(problem.code),
    message: problemText(rest, () => undefined),
    newestOnly: false,
  };
}

const identities = new WeakMap<Problem, { readonly uid: string; readonly id: string }>();

function identity(problem: Problem, uid: string): string {
  const known = identities.get(problem);
  if (known?.uid === uid) return known.id;
  const { code, object, field = [], message } = problem;
  // A short hash, because there may be a Problem for each path of a cluster.
  const id = hash('sha1', JSON.stringify([code, object?.kind, uid, formatField(field), message]), 'base64');
  identities.set(problem, { uid, id });
  return id;
}

export function createProblemEvents(options: ProblemEventsOptions): ProblemEvents {
  const refreshMs = options.refreshMs ?? REFRESH_MS;
  let current: readonly Problem[] = [];
  /** Identity of a Problem → when its Event was last recorded. */
  let recorded = new Map<string, number>();
  let passing: Sliced | undefined;

  function* pass(): Generator<undefined, void> {
    const now = performance.now();
    const seen = new Map<string, number>();
    for (const problem of current) {
      yield;
      if (!options.enabled()) return;
      const uid = problem.object === undefined ? undefined : options.uidOf(problem.object);
      if (uid === undefined) continue;
      const id = identity(problem, uid);
      const last = seen.get(id) ?? recorded.get(id);
      if (last !== undefined && now - last < refreshMs) {
        seen.set(id, last);
        continue;
      }
      const note = problemNote(problem, uid);
      // Remember the Problem even if its Event is dropped: another attempt soon after would be dropped too.
      seen.set(id, now);
      // Also remember it in case this pass is stopped for a newer list.
      recorded.set(id, now);
      if (note !== undefined) options.recorder.record(note);
    }
    recorded = seen;
  }

  function refresh(): void {
    passing?.stop();
    if (options.enabled()) passing = beginSlices(pass());
    else recorded = new Map();
  }

  const timer = setInterval(refresh, refreshMs / 2);
  timer.unref();
  return {
    report: (problems) => {
      current = problems;
      refresh();
    },
    refresh,
    close: () => {
      clearInterval(timer);
      passing?.stop();
    },
  };
}
