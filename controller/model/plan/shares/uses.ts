/** How much each namespace uses of a shared resource, kept up to date with changes. */
import { namespaceOf } from '../../../types/snapshot.ts';
import type { Steps } from '../../../types/steps.ts';
import { draftOf, emptyTable, type Table } from '../../../types/table/table.ts';

/** Namespace → amount in use. Namespaces that use nothing are absent. */
export type Uses = Table<number>;

export const NO_USES: Uses = emptyTable<number>();

/** Applies changes: each adds a positive or negative amount to what the namespace of the object `key` uses. */
export function* changed(before: Uses, changes: Iterable<readonly [key: string, bytes: number]>): Steps<Uses> {
  const draft = draftOf(before);
  for (const [key, bytes] of changes) {
    const namespace = namespaceOf(key);
    const now = (draft.get(namespace) ?? 0) + bytes;
    draft.set(namespace, now === 0 ? undefined : now);
  }
  return yield* draft.freeze();
}

/** Namespaces that use more than `most`. */
export function over(uses: Uses, most: number): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [namespace, bytes] of uses) if (bytes > most) found.add(namespace);
  return found;
}
