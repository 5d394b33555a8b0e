/** Describes in words what a difference in the live data means. */
import type { LiveRoute } from '../types/live-route.ts';
import type { ObjectChange } from '../types/snapshot.ts';
import type { Steps } from '../types/steps.ts';

function meaning(key: string, route: LiveRoute | undefined): string {
  const name = key.slice(2);
  switch (key.slice(0, 2)) {
    case 'b:':
      return `endpoints of ${name}`;
    case 'c:':
      return name === '_' ? 'default certificate' : `certificate ${name}`;
    case 'n:':
      return `certificate for the server name ${name}`;
    case 'r:':
      return route === undefined
        ? `route ${name}`
        : `route of ${route.ingress === '' ? 'unmatched paths' : route.ingress} ${route.path}`;
    default:
      return 'settings';
  }
}

/** One reason for each object that the keys belong to. */
export function* liveReasons(
  keys: readonly string[],
  routes: ReadonlyMap<string, LiveRoute>,
): Steps<readonly string[]> {
  const reasons = new Set<string>();
  for (const [index, key] of keys.entries()) {
    // A key `p:` stores what several routes share. It changes only together with routes, which are reported anyway.
    if (!key.startsWith('p:')) reasons.add(meaning(key, routes.get(key.slice(2))));
    if (index % 100 === 99) yield;
  }
  return [...reasons];
}

/** The reasons for changes that have no effect on NGINX. */
export function unusedReasons(changes: readonly ObjectChange[]): string[] {
  return changes.map(({ kind, key }) => `${kind} ${key} changes nothing for NGINX`);
}
