/** Canary Ingresses: how they are recognized, and which parts of them do not apply. */
import type { ObjectRef, Problem } from '../../types/problem.ts';
import type { AnnotationKeys, AnnotationValues, CanaryRules, LocationContext } from '../features/annotation.ts';
import { FEATURES, REFUSED_CODE } from '../features/annotations.ts';

/** The rules of an Ingress that is a canary; undefined for any other. */
export function canaryRules(
  values: readonly AnnotationValues<AnnotationKeys>[],
  context: Pick<LocationContext, 'annotationField' | 'report'>,
): CanaryRules | undefined {
  for (const [index, feature] of FEATURES.entries()) {
    const rules = feature.canary?.(values[index] ?? {}, context);
    if (rules !== undefined) return rules;
  }
  return undefined;
}

/** The Ingress that owns a path also guards it. */
export function ofCanary(problem: Problem): Problem {
  if (problem.code === REFUSED_CODE) return { ...problem, effect: 'object-ignored' };
  return problem.effect === 'denied-location' ? { ...problem, severity: 'warning', effect: 'ignored-key' } : problem;
}

export function canaryFallback(object: ObjectRef): Problem {
  return {
    code: 'canary-default-backend',
    severity: 'warning',
    effect: 'path-ignored',
    object,
    field: ['spec', 'defaultBackend'],
    message: 'spec.defaultBackend of a canary is not used: canaries only add alternatives to paths of rules',
  };
}
