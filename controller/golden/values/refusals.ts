/** Finds the items that nginx refuses: it tests all items together first, then halves of them. */
import type { CheckResult } from '../../types/outcome.ts';

export interface Refusal<T> {
  /** A single item, or several items that nginx refuses only together. */
  readonly items: readonly T[];
  readonly message: string;
}

export async function refusals<T>(
  items: readonly T[],
  check: (part: readonly T[]) => Promise<CheckResult>,
): Promise<readonly Refusal<T>[]> {
  if (items.length === 0) return [];
  const result = await check(items);
  if (result.ok) return [];
  if (items.length === 1) return [{ items, message: result.message }];
  const middle = Math.ceil(items.length / 2);
  const found = [...(await refusals(items.slice(0, middle), check)), ...(await refusals(items.slice(middle), check))];
  return found.length > 0 ? found : [{ items, message: result.message }];
}
