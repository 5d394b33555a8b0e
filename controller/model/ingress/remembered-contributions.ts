/**
 * What features contribute to the paths of one Ingress: asked once, and not for each path, where the answer has nothing
 * to do with the path. Thousands of locations then share the very same lists.
 */
import type { LocationContext, LocationContribution } from '../features/annotation.ts';
import { type LocationSettings, mergeContributions, withRewrite } from '../features/location-settings.ts';

type Ask = (context: LocationContext) => LocationContribution;

/** What of a context may differ between the paths of an Ingress, and was looked at. */
interface Looked {
  path: boolean;
  backend: boolean;
  exempt: boolean;
}

/** A context that takes note of what is looked at. */
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

/** The same answers, asked for as seldom as can be. Whatever else a context holds has to be the same for all calls. */
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
    // A question that looks at more than those before: what these were remembered by may be too little to tell it by.
    if (!looked.path) known.set(keyOf(context), contribution);
    return contribution;
  };
}

/** Paths of an Ingress have few different settings, one after the other. */
const MOST_MERGED = 8;

/** Stands for the one contribution that belongs to a path: what it is rewritten to. */
const REWRITTEN: LocationContribution = {};

interface Merged {
  readonly given: readonly LocationContribution[];
  readonly denied: boolean;
  readonly settings: LocationSettings;
}

/** `mergeContributions` that gives the very same lists for the very same contributions. */
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
