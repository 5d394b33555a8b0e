/** Remembers the current Problems, since when they have existed, and which were solved in the last 24 hours. */
import { problemIdentity } from '../../types/problem-identity.ts';
import type { Problem } from '../../types/problem.ts';
import { beginSlices, type Sliced } from '../../time/slices.ts';

/** Times are in milliseconds since 1970. */
export interface SeenProblem {
  readonly problem: Problem;
  readonly since: number;
  /** Undefined while the Problem exists. */
  readonly solved: number | undefined;
}

export interface ProblemChanges {
  readonly appeared: readonly SeenProblem[];
  readonly solved: readonly SeenProblem[];
}

/**
 * The number of open Problems of each severity, and the number of open Problems of any severity about a Service without
 * endpoints.
 */
export interface ProblemCounts {
  readonly errors: number;
  readonly warnings: number;
  readonly notices: number;
  readonly withoutEndpoints: number;
}

export interface ProblemHistory {
  /** Has to be called with all current Problems whenever they may have changed. A long list is compared in slices. */
  readonly report: (problems: readonly Problem[]) => void;
  readonly open: () => Iterable<SeenProblem>;
  /** Problems that were solved in the last 24 hours, newest first. */
  readonly solved: () => readonly SeenProblem[];
  readonly counts: () => ProblemCounts;
  readonly close: () => void;
}

const KEPT_MS = 24 * 3_600_000;
const MOST_SOLVED = 1000;
/** Up to this many Problems are compared at once, which takes less than a tenth of a millisecond. */
const SHORT = 100;

/** `now`: milliseconds since 1970. `changed` is called after each report that changed something. */
export function createProblemHistory(
  now: () => number,
  changed: (changes: ProblemChanges) => void = () => undefined,
): ProblemHistory {
  let open = new Map<string, SeenProblem>();
  let gone: SeenProblem[] = [];
  let comparing: Sliced | undefined;

  function* compare(problems: readonly Problem[], at: number): Generator<undefined, void> {
    const next = new Map<string, SeenProblem>();
    const appeared: SeenProblem[] = [];
    for (const problem of problems) {
      const id = problemIdentity(problem);
      const known = open.get(id);
      const seen = known ?? { problem, since: at, solved: undefined };
      if (known === undefined && !next.has(id)) appeared.push(seen);
      next.set(id, next.get(id) ?? seen);
      yield;
    }
    const solved: SeenProblem[] = [];
    for (const [id, seen] of open) {
      if (!next.has(id)) solved.push({ ...seen, solved: at });
      yield;
    }
    open = next;
    gone = [...solved.slice(-MOST_SOLVED).toReversed(), ...gone].slice(0, MOST_SOLVED);
    if (appeared.length > 0 || solved.length > 0) changed({ appeared, solved });
  }

  return {
    report: (problems) => {
      // A later report is compared with the result of this one.
      comparing?.finish();
      comparing = beginSlices(compare(problems, now()));
      if (problems.length + open.size <= SHORT) comparing.finish();
    },
    open: () => open.values(),
    solved: () => {
      gone = gone.filter(({ solved = 0 }) => now() - solved < KEPT_MS);
      return gone;
    },
    counts: () => {
      const counts = { error: 0, warning: 0, notice: 0 };
      let withoutEndpoints = 0;
      for (const { problem } of open.values()) {
        counts[problem.severity] += 1;
        if (problem.effect === 'no-endpoints') withoutEndpoints += 1;
      }
      return { errors: counts.error, warnings: counts.warning, notices: counts.notice, withoutEndpoints };
    },
    close: () => comparing?.stop(),
  };
}
