/** Problems become Events on their objects: when they appear, and again before the API server forgets the Event. */
import { formatField, type ObjectRef, type Problem } from '../types/problem.ts';
import { type EventNote, reasonOf } from './event-object.ts';
import type { EventRecorder } from './events.ts';
import { problemText } from './problem-text.ts';

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

function identity({ code, object, field = [], message }: Problem, uid: string): string {
  return JSON.stringify([code, object?.kind, uid, formatField(field), message]);
}

export function createProblemEvents(options: ProblemEventsOptions): ProblemEvents {
  const refreshMs = options.refreshMs ?? REFRESH_MS;
  let current: readonly Problem[] = [];
  /** Identity → when it was last recorded. */
  let recorded = new Map<string, number>();

  function refresh(): void {
    const now = performance.now();
    const before = recorded;
    recorded = new Map();
    if (!options.enabled()) return;
    for (const problem of current) {
      const uid = problem.object === undefined ? undefined : options.uidOf(problem.object);
      if (uid === undefined) continue;
      const id = identity(problem, uid);
      const last = recorded.get(id) ?? before.get(id);
      if (last !== undefined && now - last < refreshMs) {
        recorded.set(id, last);
        continue;
      }
      const note = problemNote(problem, uid);
      // Dropped or not: what did not fit now would not fit a moment later either.
      recorded.set(id, now);
      if (note !== undefined) options.recorder.record(note);
    }
  }

  const timer = setInterval(refresh, refreshMs / 2);
  timer.unref();
  return {
    report: (problems) => {
      current = problems;
      refresh();
    },
    refresh,
    close: () => clearInterval(timer),
  };
}
