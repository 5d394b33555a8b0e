/** Finds a few URLs that are served now, and formats them as curl commands that can be copied. */
import type { LiveRoute } from '../types/live-route.ts';
import type { HostPlan, LocationPlan, Plan } from '../types/plan.ts';
import { literalStart } from '../model/values/regex/literal.ts';

interface Candidate {
  readonly host: string;
  readonly path: string;
  readonly tls: boolean;
}

function pathOf({ match }: LocationPlan): string {
  return match.literal ?? (match.kind === 'regex' ? literalStart(match.text.slice(1)) : match.text);
}

function hasEndpoints(backend: string, plan: Plan): boolean {
  return (plan.live.backends.get(backend)?.endpoints.length ?? 0) > 0;
}

function serves(route: LiveRoute, plan: Plan): boolean {
  if (route.deny !== undefined || route.backend === null || route.slashRedirect !== undefined) return false;
  return hasEndpoints(route.backend, plan);
}

/**
 * One URL for each path of the host that has endpoints and no redirect. For a host whose TLS connections are passed to
 * a backend, it is the path / over TLS, because a backend that speaks TLS does not understand plain HTTP.
 */
function candidates(host: HostPlan, plan: Plan): Candidate[] {
  const name = host.names[0];
  if (host.isDefault || name === undefined || name.kind === 'regex') return [];
  const passed = plan.live.passthrough.get(name.text);
  if (typeof passed === 'object')
    return hasEndpoints(passed.backend, plan) ? [{ host: name.text, path: '/', tls: true }] : [];
  const perPath = new Map<string, Candidate>();
  for (const location of host.locations) {
    // NGINX itself requests these locations; a client would get 404.
    if (location.mirror !== undefined || location.authRequest !== undefined) continue;
    const route = host.routes.get(location.routeId);
    const path = pathOf(location);
    if (location.owner === undefined || route === undefined || !serves(route, plan) || !path.startsWith('/')) continue;
    perPath.set(route.path, { host: name.text, path, tls: route.tlsRedirect !== 'never' });
  }
  return [...perPath.values()].filter(({ tls }) => !tls || passed !== 'closed');
}

/** A string that a shell reads as one word: in quotes if necessary. */
function forShell(text: string): string {
  return /^[\w@%+=:,./~-]*$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** At most `most` curl commands: first one for each host, then one for another path of each host, and so on. */
export function curlLines(plan: Plan | undefined, httpPort: number, httpsPort: number, most = 3): string[] {
  if (plan === undefined) return [];
  const perHost = [...plan.static.hosts.values()].map((host) => candidates(host, plan));
  const rounds = Math.max(0, ...perHost.map((list) => list.length));
  const chosen = Array.from({ length: rounds }, (_, round) => perHost.flatMap((list) => list[round] ?? []))
    .flat()
    .slice(0, most);
  return chosen.map(({ host, path, tls }) => {
    const port = tls ? httpsPort : httpPort;
    const scheme = tls ? 'https' : 'http';
    const resolved = forShell(`${host}:${port}:127.0.0.1`);
    return `curl ${tls ? '-k ' : ''}--resolve ${resolved} ${forShell(`${scheme}://${host}:${port}${path}`)}`;
  });
}
