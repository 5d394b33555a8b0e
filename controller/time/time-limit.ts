/** Bounds the time of a calculation that does not yield, such as matching a tenant's regular expression. */
import { createContext, Script } from 'node:vm';

const CALL = new Script('work()');

/**
 * Calls `work`, and returns its result; undefined if it takes longer than `ms` milliseconds. V8 then interrupts it
 * wherever it is, even within a regular expression.
 */
export function withTimeLimit<T extends object>(ms: number, work: () => T): T | undefined {
  try {
    return CALL.runInContext(createContext({ work }), { timeout: ms }) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}
