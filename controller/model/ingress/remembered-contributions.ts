/**
 * Contributions of features to the paths of one Ingress. A contribution that does not depend on the path is computed
 * once for all paths, so that thousands of locations share the same lists.
 */
import type { LocationContext, LocationContribution } from '../features/annotation.ts';
import { type LocationSettings, mergeContributions, withRewrite } from '../features/location-settings.ts';

type Ask = (context: LocationContext) => LocationContribution;

/** Whether a feature read the properties of a context that differ between the paths of an Ingress. */
interface Looked {
  path: boolean;
  backend: boolean;
  exempt: boolean;
}

/** A copy of a context that records in `looked` which of its properties are read. */
function watched(context: LocationContext, looked: Looked): LocationContext {
  return Object.defineProperties(
    { ...context },
    {
      path: { get: () => ((looked.path = true), context.path) },
      backend: { get: () => ((looked.backend = true), context.backend) },
      exemptFromAuth: { get: () => ((looked.exempt = true), context.exemptFromAuth) },
    },
  );
}

/**
 * Returns a function with the same results as `ask`, but with as few calls of `ask` as possible. Properties of contexts
 * that are not in `Looked` must be the same in all calls.
 */
export function remembering(ask: Ask): Ask {
  const looked: Looked = { path: false, backend: false, exempt: false };
  const known = new Map<string, LocationContribution>();
  const keyOf = ({ backend, exemptFromAuth }: LocationContext) =>
    JSON.stringify([
      looked.backend && [backend.namespace, backend.service, backend.port],
      looked.exempt && exemptFromAuth(),
    ]);
  return (context) => {
    if (looked.path) return ask(context);
    const before = known.get(keyOf(context));
    if (before !== undefined) return before;
    const contribution = ask(watched(context, looked));
    // If the call read the path, its result must not be reused for other paths.
    if (!looked.path) known.set(keyOf(context), contribution);
    return contribution;
  };
}

/** Number of merged settings that are remembered: the paths of an Ingress have only a few different ones. */
const MOST_MERGED = 8;

/** Placeholder for the contribution with the rewrite, which is the only one that differs from path to path. */
const REWRITTEN: LocationContribution = {};

interface Merged {
  readonly given: readonly LocationContribution[];
  readonly closedBy: string | undefined;
  readonly settings: LocationSettings;
}

/** Returns a variant of `mergeContributions` that returns the same lists for the same contributions. */
export function mergingOnce(): typeof mergeContributions {
  const merged: Merged[] = [];
  return (contributions, closedBy) => {
    const rewritten = contributions.findLast(({ rewrite }) => rewrite !== undefined);
    const given = contributions.map((each) => (each === rewritten ? REWRITTEN : each));
    const known = merged.find(
      (each) => each.closedBy === closedBy && each.given.every((one, index) => one === given[index]),
    );
    const settings = known?.settings ?? mergeContributions(given, closedBy);
    if (known === undefined) {
      merged.unshift({ given, closedBy, settings });
      merged.length = Math.min(merged.length, MOST_MERGED);
    }
    return rewritten === undefined ? settings : withRewrite(settings, rewritten, contributions);
  };
}
