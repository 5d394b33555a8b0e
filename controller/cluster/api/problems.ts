/**
 * Problems of watching the API server, for the operator. The texts contain no times, so that a repeated failure gives
 * the same Problem.
 */
import type { Problem } from '../../types/problem.ts';
import { malformedProblems } from './malformed.ts';
import type { Reflector } from './reflector.ts';
import { describeSelection } from './resources.ts';

const CLASSES_BY_NAME: Problem = {
  code: 'classes-by-name',
  severity: 'notice',
  effect: 'none',
  message:
    'IngressClasses cannot be read with these permissions, so the class of an Ingress is recognised by its name (--ingress-class)',
};

/**
 * Returns one Problem if the API server is unreachable, one for each kind with missing permissions, and those about
 * malformed objects.
 */
export function watchProblems(reflectors: readonly Reflector[]): readonly Problem[] {
  const problems: Problem[] = [];
  const failing = reflectors.filter((reflector) => reflector.state().failure !== undefined);
  const unreachable = failing.filter((reflector) => causeOf(reflector) === 'unreachable');
  if (unreachable.length > 0) problems.push(unreachableProblem(unreachable));
  const refused = failing.filter((reflector) => causeOf(reflector) !== 'unreachable');
  for (const [, group] of Map.groupBy(refused, ({ selection, ...reflector }) =>
    [selection.kind, selection.namespace, causeOf({ selection, ...reflector })].join(' '),
  )) {
    problems.push(...refusedProblem(group));
  }
  for (const [kind, group] of Map.groupBy(reflectors, ({ selection }) => selection.kind)) {
    const malformed = group.map((reflector) => reflector.state().malformed);
    problems.push(...malformedProblems(kind, malformed));
  }
  return problems;
}

function causeOf(reflector: Reflector): string {
  return reflector.state().failure?.cause ?? '';
}

function unreachableProblem(group: readonly Reflector[]): Problem {
  const complete = group.every((reflector) => reflector.state().synced);
  const kept = complete ? 'the last known state stays in use' : 'some kinds have not been listed yet';
  return {
    code: 'api-unreachable',
    severity: 'error',
    effect: 'none',
    message: `the API server does not respond correctly (${group[0]?.state().failure?.message ?? ''}); ${kept}`,
  };
}

function refusedProblem(group: readonly Reflector[]): Problem[] {
  const [first] = group;
  if (first === undefined) return [];
  const { failure, synced, settled } = first.state();
  const { kind, namespace } = first.selection;
  // An installation for a single namespace has no cluster-wide permissions and does not need them.
  if (kind === 'IngressClass' && settled && !synced) return [CLASSES_BY_NAME];
  const more = group.length > 1 ? ` and ${group.length - 1} more` : '';
  const waits = 'startup waits for this permission, and nothing is served until then';
  const kept = synced ? 'the last known state stays in use' : settled ? 'these objects are missing' : waits;
  const code = { forbidden: 'api-forbidden', unauthorized: 'api-unauthorized' }[causeOf(first)] ?? 'api-refused';
  const example = code === 'api-unauthorized' ? undefined : ruleFor(first);
  return [
    {
      code,
      severity: 'error',
      effect: 'none',
      message: `${describeSelection(first.selection)}${more} cannot be watched (${failure?.message ?? ''}); ${kept}`,
      ...(namespace === undefined ? {} : { object: { kind: 'Namespace', namespace: '', name: namespace } }),
      value: kind,
      ...(example === undefined ? {} : { example }),
    },
  ];
}

/** The rule to add to the Role or ClusterRole. */
function ruleFor({ selection }: Reflector): string {
  const [plural = ''] = describeSelection({ kind: selection.kind }).split(' ');
  const group = { Ingress: 'networking.k8s.io', IngressClass: 'networking.k8s.io', EndpointSlice: 'discovery.k8s.io' };
  const apiGroup = Object.hasOwn(group, selection.kind) ? group[selection.kind as keyof typeof group] : '""';
  return `apiGroups: [${apiGroup}], resources: [${plural}], verbs: [get, list, watch]`;
}
