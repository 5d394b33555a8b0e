/** Counts what `tidegate check` looked at, and says why Ingresses are not served. */
import type { ReadingCounts } from '../../cluster/index.ts';
import type { Problem } from '../../types/problem.ts';
import type { OneShot } from '../one-shot.ts';

export interface CheckCounts extends ReadingCounts {
  readonly served: number;
  /** How many Ingresses are not served, by reason. */
  readonly notServed: Readonly<Record<string, number>>;
  readonly ingressClass: string;
}

export const NO_COUNTS: CheckCounts = {
  files: 0,
  objects: 0,
  ingresses: 0,
  setAside: { foreign: 0, template: 0, patch: 0 },
  served: 0,
  notServed: {},
  ingressClass: '',
};

const OF_OTHERS = new Set(['foreign-ingress-class', 'missing-ingress-class']);
const LEFT_OUT: ReadonlySet<Problem['effect']> = new Set(['object-ignored', 'quarantined']);

export function countsOf({ counts, refused, built, build }: OneShot, problems: readonly Problem[]): CheckCounts {
  const notServed: Record<string, number> = {};
  const add = (reason: string, count: number): void => {
    if (count > 0) notServed[reason] = (notServed[reason] ?? 0) + count;
  };
  const used = built.snapshot.Ingress.size;
  // A Problem of an equal name may be that of another copy, which is counted below.
  const ofIngresses = Map.groupBy(
    problems.filter(({ object, code }) => object?.kind === 'Ingress' && code !== 'duplicate-object'),
    ({ object }) => `${object?.namespace}/${object?.name}`,
  );
  for (const key of built.snapshot.Ingress.keys()) {
    const own = ofIngresses.get(key) ?? [];
    const foreign = own.find(({ code }) => OF_OTHERS.has(code));
    const { value } = foreign ?? {};
    if (foreign !== undefined) add(value === undefined ? 'without a class' : `of class ${value}`, 1);
    else if (own.some(({ effect }) => LEFT_OUT.has(effect))) add('left out because of an error', 1);
  }
  const unserved = Object.values(notServed).reduce((sum, count) => sum + count, 0);
  add('malformed', refused.length);
  add('another copy of an Ingress', counts.ingresses - used - refused.length);
  return { ...counts, served: used - unserved, notServed, ingressClass: build.options.ingressClass };
}

function sums<K extends string>(a: Readonly<Record<K, number>>, b: Readonly<Record<K, number>>): Record<K, number> {
  const all = { ...a } as Record<K, number>;
  for (const [key, count] of Object.entries(b) as [K, number][]) all[key] = (all[key] ?? 0) + count;
  return all;
}

export function addCounts(a: CheckCounts, b: CheckCounts): CheckCounts {
  return {
    files: a.files + b.files,
    objects: a.objects + b.objects,
    ingresses: a.ingresses + b.ingresses,
    setAside: sums(a.setAside, b.setAside),
    served: a.served + b.served,
    notServed: sums(a.notServed, b.notServed),
    ingressClass: b.ingressClass,
  };
}
