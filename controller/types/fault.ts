/**
 * An unforeseen exception while something was built: a bug in Tidegate. Only the Ingresses that were being built are
 * affected.
 */
import { asError } from './error-text.ts';
import type { ObjectRef } from './problem.ts';

export interface Fault {
  /** Ingresses that were being built; empty if unknown. */
  readonly owners: readonly ObjectRef[];
  readonly error: Error;
}

export function faultOf(error: unknown, owners: readonly ObjectRef[]): Fault {
  return { owners, error: asError(error) };
}

/** Thrown instead of returning a result, after everything without a fault was built. */
export class Faults extends Error {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults[0]?.error.message ?? '', { cause: faults[0]?.error });
    this.name = 'Faults';
    this.faults = faults;
  }
}

/** The faults in a thrown value of any type. */
export function faultsOf(error: unknown): readonly Fault[] {
  return error instanceof Faults ? error.faults : [faultOf(error, [])];
}
