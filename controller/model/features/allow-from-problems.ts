/**
 * Reports invalid items of tidegate.dev/allow-from to the owner of the Secret or ConfigMap. These Problems belong to no
 * Ingress: the author of an Ingress must not learn from them what is in another namespace.
 */
import { shown } from '../../types/left-out.ts';
import { ALLOW_FROM } from '../../types/own-annotations.ts';
import { type Problem, shorten } from '../../types/problem.ts';
import type { Kinds, Snapshot } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { annotationField } from '../contract/annotation-field.ts';
import { refusedValue } from '../contract/refused-value.ts';
import { allowFrom } from '../values/allow-from.ts';

type Guarded = 'Secret' | 'ConfigMap';

export interface AllowFromProblems {
  readonly source: Pick<Snapshot, Guarded> | undefined;
  /** Sorted by kind and object. */
  readonly problems: readonly Problem[];
}

export const NO_ALLOW_FROM_PROBLEMS: AllowFromProblems = { source: undefined, problems: [] };

/** `before`: result of the previous build, which is returned again if no Secret or ConfigMap changed. */
export function* allowFromProblems(
  { Secret, ConfigMap }: Pick<Snapshot, Guarded>,
  before: AllowFromProblems,
): Steps<AllowFromProblems> {
  if (before.source?.Secret === Secret && before.source.ConfigMap === ConfigMap) return before;
  const problems: [string, Problem][] = [];
  for (const [kind, table] of [['ConfigMap', ConfigMap] as const, ['Secret', Secret] as const])
    for (const [key, object] of table) {
      const text = object.metadata?.annotations?.[ALLOW_FROM]?.trim() ?? '';
      const problem = text === '' ? undefined : problemOf(kind, object, text);
      if (problem !== undefined) problems.push([`${kind} ${key}`, problem]);
      yield;
    }
  const sorted = problems.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, problem]) => problem);
  return { source: { Secret, ConfigMap }, problems: sorted };
}

const known = new WeakMap<object, { readonly problem: Problem | undefined }>();

function problemOf(kind: Guarded, object: Kinds[Guarded], text: string): Problem | undefined {
  const found = known.get(object) ?? { problem: read(kind, object, text) };
  known.set(object, found);
  return found.problem;
}

function read(kind: Guarded, { metadata }: Kinds[Guarded], text: string): Problem | undefined {
  const parsed = allowFrom.parse(shown(text));
  const reason = parsed.ok ? parsed.dropped : parsed.reason;
  if (reason === undefined) return undefined;
  const outcome = parsed.ok ? 'the other items apply' : 'no other namespace may use the object';
  return {
    code: 'allow-from',
    severity: 'warning',
    effect: 'ignored-item',
    object: { kind, namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' },
    field: annotationField(ALLOW_FROM),
    value: shorten(shown(text)),
    message: refusedValue(ALLOW_FROM, reason, allowFrom.accepts, `; ${outcome}`),
    example: 'shop, blog:auth-secret',
  };
}
