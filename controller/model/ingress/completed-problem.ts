/** Completes the Problems about annotations, so that features need not repeat the written value and an example. */
import type { V1Ingress } from '@kubernetes/client-node';
import { type Problem, shorten } from '../../types/problem.ts';
import { ANNOTATION_KEYS } from '../features/annotations.ts';

/** Adds the written value to a Problem, and an example of an accepted value if the annotation has no effect. */
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
