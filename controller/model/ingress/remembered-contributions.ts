/**
 * What features contribute to the paths of one Ingress: computed once instead of for each path, if it does not depend
 * on the path. Thousands of locations then share the very same lists.
 */
import type { LocationContext, LocationContribution } from '../features/annotation.ts';
import { type LocationSettings, mergeContributions, withRewrite } from '../features/location-settings.ts';

type Ask = (context: LocationContext) => LocationContribution;

/** Which parts of a context, among those that differ between the paths of an Ingress, were read. */
interface Looked {
  path: boolean;
  backend: boolean;
  exempt: boolean;
}

/** A context that records what is read of it. */
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
 * Gives the results of `ask` with as few calls as possible. Everything else in a context must be the same for all
 * calls.
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
    // A call that reads the path itself: its result must not be reused for other paths.
    if (!looked.path) known.set(keyOf(context), contribution);
    return contribution;
  };
}

/** Paths of an Ingress have few different settings, one after the other. */
const MOST_MERGED = 8;

/** Stands for the one contribution that differs by path: the rewrite. */
const REWRITTEN: LocationContribution = {};

interface Merged {
  readonly given: readonly LocationContribution[];
  readonly denied: boolean;
  readonly settings: LocationSettings;
}

/** `mergeContributions`, except that the same contributions give the very same lists. */
export function mergingOnce(): typeof mergeContributions {
  const merged: Merged[] = [];
  return (contributions, denied) => {
    const rewritten = contributions.findLast(({ rewrite }) => rewrite !== undefined);
    const given = contributions.map((each) => (each === rewritten ? REWRITTEN : each));
    const known = merged.find(
      (each) => each.denied === denied && each.given.every((one, index) => one === given[index]),
    );
    const settings = known?.settings ?? mergeContributions(given, denied);
    if (known === undefined) {
      merged.unshift({ given, denied, settings });
      merged.length = Math.min(merged.length, MOST_MERGED);
    }
    return rewritten === undefined ? settings : withRewrite(settings, rewritten, contributions);
  };
}
