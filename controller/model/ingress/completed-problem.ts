/** Adds to every Problem about an annotation, whichever feature found it, the written value and an accepted one. */
import type { V1Ingress } from '@kubernetes/client-node';
import { type Problem, shorten } from '../../types/problem.ts';
import { ANNOTATION_KEYS } from '../features/annotations.ts';

/** The Problem with the written value, and with an example if the annotation does not take effect. */
export function completedProblem(
  problem: Omit<Problem, 'object'>,
  { metadata }: Pick<V1Ingress, 'metadata'>,
): Omit<Problem, 'object'> {
  const [first, second, name] = problem.field ?? [];
  if (first !== 'metadata' || second !== 'annotations' || typeof name !== 'string') return problem;
  const raw = metadata?.annotations?.[name];
  const good = ANNOTATION_KEYS.get(name.slice(name.indexOf('/') + 1))?.good[0];
  return {
    ...(raw !== undefined && { value: shorten(raw) }),
    ...(problem.effect !== 'none' && good !== undefined && { example: `${name}: ${JSON.stringify(good)}` }),
    ...problem,
  };
}
