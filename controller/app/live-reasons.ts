/** What a difference of the live data means, in words. */
import type { LiveDelta } from '../types/live.ts';
import type { LiveRoute } from '../types/live-route.ts';
import type { ObjectChange } from '../types/snapshot.ts';

function meaning(key: string, route: LiveRoute | undefined): string {
  const name = key.slice(2);
  switch (key.slice(0, 2)) {
    case 'b:':
      return `endpoints of ${name}`;
    case 'c:':
      return name === '_' ? 'default certificate' : `certificate ${name}`;
    case 'n:':
      return `certificate of the name ${name}`;
    case 'r:':
      return route === undefined
        ? `route ${name}`
        : `route of ${route.ingress === '' ? 'unmatched paths' : route.ingress} ${route.path}`;
    default:
      return 'settings';
  }
}

/** One entry a thing, each once. */
export function liveReasons(delta: LiveDelta, routes: ReadonlyMap<string, LiveRoute>): string[] {
  // What routes have in common changes with the routes.
  const keys = [...delta.set.map(([key]) => key), ...delta.remove].filter((key) => !key.startsWith('p:'));
  return [...new Set(keys.map((key) => meaning(key, routes.get(key.slice(2)))))];
}

/** For changes that nothing came of. */
export function unusedReasons(changes: readonly ObjectChange[]): string[] {
  return changes.map(({ kind, key }) => `${kind} ${key} changes nothing for NGINX`);
}
