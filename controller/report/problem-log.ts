/** Logs each Problem once when it appears, and once when it is gone. */
import { formatObject, type Locator, type Problem } from '../types/problem.ts';
import type { Log } from './logger.ts';
import { problemText } from './problem-text.ts';

const LEVEL = { error: 'error', warning: 'warn', notice: 'info' } as const;
/** Finding the lines of thousands of Problems takes long; changes of endpoints go in between. */
const SLICE_MS = 3;

export interface ProblemLog {
  /** Takes all Problems there are, each time; `locate` finds their lines. A long list is written in slices. */
  readonly report: (problems: readonly Problem[], locate: Locator) => void;
  /** Writes what is still to be written. */
  readonly flush: () => void;
}

export function createProblemLog(log: Log): ProblemLog {
  const identities = new WeakMap<Problem, string>();
  let known = new Map<string, Problem>();
  let unwritten: (() => void)[] = [];
  let next: NodeJS.Immediate | undefined;

  function identity(problem: Problem): string {
    const id = identities.get(problem) ?? identify(problem);
    identities.set(problem, id);
    return id;
  }

  function write(untilMs: number): void {
    clearImmediate(next);
    next = undefined;
    let written = 0;
    for (const line of unwritten) {
      if (performance.now() >= untilMs) break;
      line();
      written += 1;
    }
    unwritten = unwritten.slice(written);
    if (unwritten.length > 0) next = setImmediate(() => write(performance.now() + SLICE_MS));
  }

  return {
    report: (problems, locate) => {
      const now = new Map(problems.map((problem) => [identity(problem), problem] as const));
      for (const [id, problem] of now)
        if (!known.has(id)) unwritten.push(() => log[LEVEL[problem.severity]](problemText(problem, locate)));
      for (const [id, problem] of known)
        if (!now.has(id) && problem.severity !== 'notice') unwritten.push(() => log.info(solved(problem)));
      known = now;
      // Behind what is being written already, to keep the order.
      if (next === undefined) write(performance.now() + SLICE_MS);
    },
    flush: () => write(Infinity),
  };
}

function identify(problem: Problem): string {
  const object = problem.object === undefined ? '' : formatObject(problem.object);
  const place = problem.place === undefined ? '' : `${problem.place.file}:${problem.place.line}`;
  return JSON.stringify([problem.code, object, problem.field, problem.message, place]);
}

function solved(problem: Problem): string {
  const object = problem.object === undefined ? '' : `${formatObject(problem.object)}: `;
  return `solved: ${object}${problem.message}`;
}
