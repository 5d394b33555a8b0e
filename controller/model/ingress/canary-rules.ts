/** Canary Ingresses: how they are recognized, and which parts of such an Ingress have no effect. */
import type { ObjectRef, Problem } from '../../types/problem.ts';
import type { AnnotationKeys, AnnotationValues, CanaryRules, LocationContext } from '../features/annotation.ts';
import { FEATURES, REFUSED_CODE } from '../features/annotations.ts';

/** The rules by which a canary Ingress gets requests; undefined if the Ingress is not a canary. */
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

/**
 * Adapts a Problem about an annotation to a canary: the canary's paths cannot answer 503, because a path is guarded by
 * the annotations of the Ingress that owns it.
 */
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
    message:
      'spec.defaultBackend is not used, because the Ingress is a canary: canaries only add alternatives to paths',
  };
}
