/** Logs each Problem once when it appears, and once when it is solved. */
import { problemIdentity } from '../types/problem-identity.ts';
import { formatObject, type Locator, type Problem } from '../types/problem.ts';
import { problemDetails } from './log-details.ts';
import type { Log } from './logger.ts';
import { problemText } from './problem-text.ts';
import { beginSlices, type Sliced } from '../time/slices.ts';

const LEVEL = { error: 'error', warning: 'warn', notice: 'info' } as const;

export interface ProblemLog {
  /**
   * Has to be called with all current Problems whenever they may have changed. `locate` finds their lines in files. A
   * long list is written in slices.
   */
  readonly report: (problems: readonly Problem[], locate: Locator) => void;
  /** Writes all lines that are still waiting. */
  readonly flush: () => void;
}

export function createProblemLog(log: Log): ProblemLog {
  let known = new Map<string, Problem>();
  let unwritten: (() => void)[] = [];
  let writing: Sliced | undefined;

  /** Writes the waiting lines in order, including lines that are added while it runs. */
  function* write(): Generator<undefined, void> {
    for (const line of unwritten) {
      line();
      yield;
    }
    unwritten = [];
  }

  return {
    report: (problems, locate) => {
      const now = new Map(problems.map((problem) => [problemIdentity(problem), problem] as const));
      const underWay = unwritten.length > 0;
      for (const [id, problem] of now)
        if (!known.has(id))
          unwritten.push(() =>
            log[LEVEL[problem.severity]](problemText(problem, locate), problemDetails('problem', problem, locate)),
          );
      for (const [id, problem] of known)
        if (!now.has(id) && problem.severity !== 'notice')
          unwritten.push(() => log.info(solved(problem), problemDetails('solved', problem, locate)));
      known = now;
      if (!underWay) writing = beginSlices(write());
    },
    flush: () => writing?.finish(),
  };
}

function solved(problem: Problem): string {
  const object = problem.object === undefined ? '' : `${formatObject(problem.object)}: `;
  return `solved: ${object}${problem.message}`;
}
