import { vi } from 'vitest';

/** Repeats a check until it throws nothing. vitest's own limit of one second is too short on a busy machine. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 20_000 });
}
