/** Problems become Events on their objects: when they appear, and again before the API server forgets the Event. */
import { hash } from 'node:crypto';
import { formatField, type ObjectRef, type Problem } from '../types/problem.ts';
import { type EventNote, reasonOf } from './event-object.ts';
import type { EventRecorder } from './events.ts';
import { problemText } from './problem-text.ts';
import { beginSlices, type Sliced } from '../time/slices.ts';

export interface ProblemEventsOptions {
  readonly recorder: EventRecorder;
  /** uid of an object of the cluster; undefined where there is none, which gets no Event. */
  readonly uidOf: (object: ObjectRef) => string | undefined;
  /** False silences this replica: one of several is enough, the leader. */
  readonly enabled: () => boolean;
  /** How long an Event is left alone while its Problem lasts, in milliseconds. Default 30 min; they live for 60. */
  readonly refreshMs?: number;
}

export interface ProblemEvents {
  /** All Problems there are, each time they may have changed. */
  readonly report: (problems: readonly Problem[]) => void;
  /** The same Problems once more: this replica may have become the one that reports. */
  readonly refresh: () => void;
  readonly close: () => void;
}

const REFRESH_MS = 30 * 60_000;

/** The Event of a Problem; the object itself says where, so that the message need not. */
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
  // Short, for there may be one for each path of a cluster.
  const id = hash('sha1', JSON.stringify([code, object?.kind, uid, formatField(field), message]), 'base64');
  identities.set(problem, { uid, id });
  return id;
}

export function createProblemEvents(options: ProblemEventsOptions): ProblemEvents {
  const refreshMs = options.refreshMs ?? REFRESH_MS;
  let current: readonly Problem[] = [];
  /** Identity → when it was last recorded. */
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
      // Even if it is dropped: it would not fit a moment later either.
      seen.set(id, now);
      // A pass may be given up for a newer one.
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
