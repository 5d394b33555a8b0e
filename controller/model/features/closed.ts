/** Paths that must not be served, because something that they depend on cannot be applied safely. */
import type { LiveRoute } from '../../types/live-route.ts';

/**
 * The live fields of a path that answers 503 to every request. `by` says why in one word, for `$tidegate_reason`: the
 * name of an annotation (without the prefix), or one of the other words in docs/reasons.md.
 */
export function closed(by: string): Required<Pick<LiveRoute, 'deny' | 'closedBy'>> {
  return { deny: 503, closedBy: by };
}
