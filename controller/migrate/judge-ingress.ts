/** The verdict on one Ingress. */
import type { V1Ingress } from '@kubernetes/client-node';
import type { Plan } from '../types/plan.ts';
import { formatObject, type Locator, type ObjectRef, type Problem } from '../types/problem.ts';
import { ingressRef, keyOf } from '../model/contract/object-ref.ts';
import { CLASS_ANNOTATIONS } from '../model/ingress/ingress-class.ts';
import { ofIngress } from './differences/lookup.ts';
import { changes, closes, isOfBoth, judgeAnnotation, reported } from './judge-key.ts';
import type { ClosedPath, JudgedIngress, JudgedKey } from './report.ts';
import { judgeSnippet, SNIPPETS } from './snippets.ts';
import { annotationText, type World } from './world.ts';

/** What the verdicts on all Ingresses are made from. */
export interface Evidence {
  readonly world: World;
  readonly locate: Locator;
  /** Problems by the object that they are about (`formatObject`). */
  readonly problemsOf: ReadonlyMap<string, readonly Problem[]>;
  /** Paths that answer 503, by the `namespace/name` of their Ingress. */
  readonly closedOf: ReadonlyMap<string, readonly ClosedPath[]>;
}

/** The paths of each Ingress that answer 503 because they cannot be served safely. */
export function closedPaths(plan: Plan): ReadonlyMap<string, readonly ClosedPath[]> {
  const found = new Map<string, Map<string, ClosedPath>>();
  for (const { host, locations, routes } of plan.static.hosts.values())
    for (const { owner, routeId } of locations) {
      const route = routes.get(routeId);
      if (owner === undefined || route?.closedBy === undefined) continue;
      const key = keyOf(owner);
      const paths = found.get(key) ?? new Map<string, ClosedPath>();
      found.set(key, paths);
      paths.set(`${host} ${route.path}`, { host, path: route.path, by: route.closedBy });
    }
  return new Map([...found].map(([key, paths]) => [key, [...paths.values()]] as const));
}

export function problemsByObject(problems: readonly Problem[]): ReadonlyMap<string, readonly Problem[]> {
  const found = new Map<string, Problem[]>();
  for (const problem of problems) {
    if (problem.object === undefined) continue;
    const key = formatObject(problem.object);
    const known = found.get(key);
    if (known === undefined) found.set(key, [problem]);
    else known.push(problem);
  }
  return found;
}

/** The full name of the annotation that a Problem is about; undefined if it is about something else. */
function annotationOf({ field: [first, second, name] = [] }: Problem): string | undefined {
  return first === 'metadata' && second === 'annotations' && typeof name === 'string' ? name : undefined;
}

/** Whether a key makes its Ingress behave differently, although its paths are served. */
export function isDifferent({ verdict, problems }: JudgedKey): boolean {
  if (verdict === 'differs' || verdict === 'refused') return true;
  return verdict === 'no-effect' && problems.some((problem) => !isOfBoth(problem));
}

/**
 * The annotations that are judged: ours, and those about which there is a Problem. Of a malformed Ingress, only the
 * Problems name those annotations that are not texts.
 */
function namesOf(ingress: V1Ingress, prefix: string, problems: readonly Problem[]): readonly string[] {
  const named = problems.flatMap((problem) => annotationOf(problem) ?? []);
  const written = Object.keys(ingress.metadata?.annotations ?? {}).filter((name) => name.startsWith(`${prefix}/`));
  return [...new Set([...written, ...named])].filter((name) => !CLASS_ANNOTATIONS.has(name));
}

export function judgeIngress(ingress: V1Ingress, evidence: Evidence): JudgedIngress {
  const { world, locate, problemsOf, closedOf } = evidence;
  const prefix = world.options.annotationsPrefix;
  const object: ObjectRef = ingressRef(ingress);
  const problems = problemsOf.get(formatObject(object)) ?? [];
  const names = namesOf(ingress, prefix, problems);
  const keys = names.map((name) =>
    judgeAnnotation(
      name,
      object,
      ingress,
      problems.filter((each) => annotationOf(each) === name),
      evidence,
    ),
  );
  const others = problems.filter((each) => !names.includes(annotationOf(each) ?? ''));
  const differences = ofIngress(ingress, world);
  const closed = closedOf.get(keyOf(object)) ?? [];
  const isClosed = closed.length > 0 || problems.some(closes);
  const differs = keys.some(isDifferent) || others.some(changes) || differences.some(({ detail }) => !detail);
  const place = locate(object, []);
  return {
    object,
    verdict: isClosed ? 'closed' : differs ? 'differs' : 'same',
    ...(place !== undefined && { place }),
    keys,
    snippets: (Object.keys(SNIPPETS) as (keyof typeof SNIPPETS)[]).flatMap((name) =>
      judgeSnippet(name, annotationText(ingress, prefix, name)),
    ),
    problems: others.map((each) => reported(each, locate)),
    differences,
    closed,
  };
}
