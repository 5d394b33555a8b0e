/** The current Problems, and those that were solved. */
import { formatField, type Place, type Problem, SEVERITY_RANK } from '../../types/problem.ts';
import type { Plan } from '../../types/plan.ts';
import { sortSteps } from '../../types/sort.ts';
import type { Steps } from '../../types/steps.ts';
import type { SeenProblem } from '../history/problems.ts';
import type { ProblemItem, ProblemsQuery } from '../schema/problems.ts';
import { findHost } from './host.ts';
import { isFound } from './search.ts';

/** A Problem in one line, and its position in a manifest. */
export type Describe = (problem: Problem) => { readonly text: string; readonly place: Place | undefined };

const STRIDE = 128;

/**
 * The Problems that the filters select, sorted by severity and then newest first. The filter `host` selects those of
 * Ingresses of the host that serves this name.
 */
export function* selectedProblems(
  problems: Iterable<SeenProblem>,
  plan: Plan | undefined,
  { host, namespace, search, state }: Pick<ProblemsQuery, 'host' | 'namespace' | 'search' | 'state'>,
): Steps<readonly SeenProblem[]> {
  const owners = host === undefined ? undefined : yield* ownersOf(plan, host);
  const found: SeenProblem[] = [];
  let count = 0;
  for (const seen of problems) {
    const { object, field, message } = seen.problem;
    const isMeant =
      (namespace === undefined || object?.namespace === namespace) &&
      isFound(search, () => [
        message,
        field === undefined ? '' : formatField(field),
        object === undefined ? '' : `${object.kind} ${object.namespace}/${object.name}`,
      ]);
    if (isMeant && owners?.has(`${object?.kind} ${object?.namespace}/${object?.name}`) !== false) found.push(seen);
    count += 1;
    if (count % STRIDE === 0) yield;
  }
  if (state === 'solved') return found;
  return yield* sortSteps(
    found,
    (a, b) => SEVERITY_RANK[a.problem.severity] - SEVERITY_RANK[b.problem.severity] || b.since - a.since,
  );
}

function* ownersOf(plan: Plan | undefined, host: string): Steps<ReadonlySet<string>> {
  const found = plan === undefined ? undefined : yield* findHost(plan.static.hosts, host);
  return new Set(found?.host.owners.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`));
}

export function problemItem({ problem, since, solved }: SeenProblem, describe: Describe): ProblemItem {
  const { severity, code, effect, object, field, value, example, message } = problem;
  const { text, place } = describe(problem);
  return {
    severity,
    code,
    effect,
    ...(object !== undefined && { object: { kind: object.kind, namespace: object.namespace, name: object.name } }),
    ...(field !== undefined && { field: formatField(field) }),
    ...(value !== undefined && { value }),
    ...(example !== undefined && { example }),
    message,
    text,
    ...(place !== undefined && { place: { file: place.file, line: place.line, column: place.column } }),
    since: new Date(since).toISOString(),
    solved: solved === undefined ? null : new Date(solved).toISOString(),
  };
}
