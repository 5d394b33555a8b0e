/** Logs each Problem once when it appears, and once when it is gone. */
import { formatObject, type Locator, type Problem } from '../types/problem.ts';
import type { Log } from './logger.ts';
import { problemText } from './problem-text.ts';

const LEVEL = { error: 'error', warning: 'warn', notice: 'info' } as const;

function identity(problem: Problem): string {
  const object = problem.object === undefined ? '' : formatObject(problem.object);
  const place = problem.place === undefined ? '' : `${problem.place.file}:${problem.place.line}`;
  return JSON.stringify([problem.code, object, problem.field, problem.message, place]);
}

/** Takes all Problems there are, each time; `locate` finds their lines. */
export function createProblemLog(log: Log): (problems: readonly Problem[], locate: Locator) => void {
  let known = new Map<string, Problem>();
  return (problems, locate) => {
    const now = new Map(problems.map((problem) => [identity(problem), problem] as const));
    for (const [id, problem] of now) if (!known.has(id)) log[LEVEL[problem.severity]](problemText(problem, locate));
    for (const [id, problem] of known) {
      if (now.has(id) || problem.severity === 'notice') continue;
      const object = problem.object === undefined ? '' : `${formatObject(problem.object)}: `;
      log.info(`solved: ${object}${problem.message}`);
    }
    known = now;
  };
}
