/**
 * An unforeseen exception while something was built: a bug in this program. It takes out only the Ingresses that were
 * being built.
 */
import type { ObjectRef } from './problem.ts';

export interface Fault {
  /** Ingresses that were being built; empty if unknown. */
  readonly owners: readonly ObjectRef[];
  readonly error: Error;
}

export function faultOf(error: unknown, owners: readonly ObjectRef[]): Fault {
  return { owners, error: error instanceof Error ? error : new Error(String(error)) };
}

/** Thrown in place of a result, after everything else was built. */
export class Faults extends Error {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults[0]?.error.message ?? '', { cause: faults[0]?.error });
    this.name = 'Faults';
    this.faults = faults;
  }
}

/** The faults in any thrown value. */
export function faultsOf(error: unknown): readonly Fault[] {
  return error instanceof Faults ? error.faults : [faultOf(error, [])];
}
