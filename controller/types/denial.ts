/**
 * Which Problems make admission deny an object: those of an object that could not work as written. Everything else is a
 * warning.
 */
import { type Effect, isSameObject, type ObjectRef, type Problem } from './problem.ts';

/** What was requested is not served. */
const NOT_SERVED: ReadonlySet<Effect> = new Set<Effect>([
  'object-ignored',
  'path-ignored',
  'denied-location',
  'quarantined',
]);

/** The code of the Problem that several Ingresses have the same path. */
export const CONFLICT_CODE = 'path-conflict';

export interface DenialOptions {
  /** Whether Ingresses may have paths that other Ingresses also have; only the path of the older Ingress is served. */
  readonly allowsDuplicatePaths: boolean;
}

/**
 * Whether admission denies `candidate` because of a Problem that exists only with it. A Problem of another object
 * denies the candidate if the candidate takes a path away from that object without having a right to the host. A
 * Problem whose cause is elsewhere (a missing Secret) never does, because the order in which objects are created must
 * not matter.
 */
export function denies(problem: Problem, candidate: ObjectRef, { allowsDuplicatePaths }: DenialOptions): boolean {
  const { code, object, winner, byRight, severity, effect, elsewhere } = problem;
  if (code === CONFLICT_CODE) {
    const [loses, wins] = [isSameObject(object, candidate), isSameObject(winner, candidate)];
    return !allowsDuplicatePaths && winner !== undefined && loses !== wins && !(wins && byRight === true);
  }
  return isSameObject(object, candidate) && severity === 'error' && NOT_SERVED.has(effect) && elsewhere !== true;
}
