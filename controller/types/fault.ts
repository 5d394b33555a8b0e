/**
 * What nobody foresaw while something was built: a fault of this program. It takes out those whose part was being made, and
 * nobody else.
 */
import type { ObjectRef } from './problem.ts';

export interface Fault {
  /** Ingresses whose part was being made; empty where that is not known. */
  readonly owners: readonly ObjectRef[];
  readonly error: Error;
}

export function faultOf(error: unknown, owners: readonly ObjectRef[]): Fault {
  return { owners, error: error instanceof Error ? error : new Error(String(error)) };
}

/** Thrown in the place of a result, once the parts of everybody else were made. */
export class Faults extends Error {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults[0]?.error.message ?? '', { cause: faults[0]?.error });
    this.name = 'Faults';
    this.faults = faults;
  }
}

/** The faults of whatever was thrown. */
export function faultsOf(error: unknown): readonly Fault[] {
  return error instanceof Faults ? error.faults : [faultOf(error, [])];
}
