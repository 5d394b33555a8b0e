/** Decides which Problems `tidegate check` reports, and which of them fail the check. */
import type { Problem } from '../../types/problem.ts';

/** What a repository does not hold: objects that the cluster makes, answers of DNS, and kinds that are not read. */
const OF_CLUSTERS: ReadonlySet<string> = new Set([
  'endpoints-not-read',
  'kind-not-read',
  'no-endpoints',
  'unresolved-external-name',
]);

const ABSENT = /\b(Secret|ConfigMap|Service) \S+ does not exist\b/;

/** The kind of the object that the Problem says is absent. */
function absentKind({ message }: Problem): string | undefined {
  return ABSENT.exec(message)?.[1];
}

/**
 * The Problems to report. Unless the manifests are complete, Secrets may be made elsewhere, and whatever only a cluster
 * knows is left out. ConfigMaps and Services may be generated, so their absence is worth knowing, but no error.
 */
export function problemsToReport(problems: readonly Problem[], complete: boolean): readonly Problem[] {
  if (complete) return problems;
  return problems.flatMap((problem): Problem[] => {
    const absent = absentKind(problem);
    if (OF_CLUSTERS.has(problem.code) || absent === 'Secret') return [];
    return [absent === undefined ? problem : { ...problem, severity: 'notice' }];
  });
}

/** Effects of keys that do not do what is written. */
const OF_KEYS: ReadonlySet<Problem['effect']> = new Set(['ignored-key', 'ignored-item', 'corrected-key']);

export interface Demands {
  /** Keys that are unknown, misspelt or without effect fail the check. */
  readonly strict: boolean;
  /** The manifests are all that the cluster will hold. */
  readonly complete: boolean;
}

/** Whether the exit code is 1 because of this Problem. */
export function fails(problem: Problem, { strict, complete }: Demands): boolean {
  if (problem.severity === 'error') return true;
  if (!strict) return false;
  if (absentKind(problem) !== undefined) return complete;
  return OF_KEYS.has(problem.effect) || problem.code === 'empty-annotation';
}
