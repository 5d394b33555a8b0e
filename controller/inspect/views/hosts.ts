/** The hosts, each with what is most important about it. */
import type { LiveBackend } from '../../types/live.ts';
import type { HostPlan, Plan } from '../../types/plan.ts';
import type { Steps } from '../../types/steps.ts';
import type { SeenProblem } from '../history/problems.ts';
import type { TrafficSums } from '../history/traffic.ts';
import type { HostItem, HostsQuery } from '../schema/hosts.ts';
import type { Inspected } from '../source.ts';
import { isFound } from './search.ts';
import { ratesOf } from './traffic.ts';

/** How many hosts or Problems are examined in one step. */
const STRIDE = 128;
const MOST_NAMES = 20;

/** The hosts that the filters select, in the order of nginx.conf. */
export function* selectedHostPlans(
  plan: Plan,
  { search, namespace }: Pick<HostsQuery, 'search' | 'namespace'>,
): Steps<readonly HostPlan[]> {
  const found: HostPlan[] = [];
  let count = 0;
  for (const each of plan.static.hosts.values()) {
    const { host, names, owners } = each;
    const isMeant = namespace === undefined || owners.some((owner) => owner.namespace === namespace);
    const texts = () => [host, ...names.map(({ text }) => text), ...owners.map(keyOf)];
    if (isMeant && isFound(search, texts)) found.push(each);
    count += 1;
    if (count % STRIDE === 0) yield;
  }
  return found;
}

function keyOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** The number of Problems of an Ingress. */
export interface ProblemTally {
  errors: number;
  warnings: number;
}

/** Ingress (`namespace/name`) → its open Problems. */
export function* problemsOfIngresses(open: Iterable<SeenProblem>): Steps<ReadonlyMap<string, ProblemTally>> {
  const all = new Map<string, ProblemTally>();
  let count = 0;
  for (const { problem } of open) {
    count += 1;
    if (count % STRIDE === 0) yield;
    const { object, severity } = problem;
    if (object?.kind !== 'Ingress' || severity === 'notice') continue;
    const tally = all.get(keyOf(object)) ?? { errors: 0, warnings: 0 };
    tally[severity === 'error' ? 'errors' : 'warnings'] += 1;
    all.set(keyOf(object), tally);
  }
  return all;
}

export interface HostFacts {
  readonly current: Pick<Inspected, 'live'>;
  readonly problems: ReadonlyMap<string, ProblemTally>;
  readonly traffic: ReadonlyMap<string, TrafficSums>;
  /** The time in seconds to which `traffic` refers. */
  readonly seconds: number;
}

export function hostItem(plan: HostPlan, { current, problems, traffic, seconds }: HostFacts): HostItem {
  const { host, owners } = plan;
  const ingresses = owners.map(keyOf);
  const names = plan.names.map(({ kind, text }) => (kind === 'regex' ? `~${text}` : text));
  const sum = (of: keyof ProblemTally) => ingresses.reduce((total, key) => total + (problems.get(key)?.[of] ?? 0), 0);
  return {
    host,
    names: names.slice(0, MOST_NAMES),
    moreNames: Math.max(0, names.length - MOST_NAMES),
    ingresses: ingresses.slice(0, MOST_NAMES),
    moreIngresses: Math.max(0, ingresses.length - MOST_NAMES),
    ...pathsOf(plan, current.live),
    errors: sum('errors'),
    warnings: sum('warnings'),
    traffic: ratesOf(traffic.get(host), seconds),
  };
}

function pathsOf(
  { locations, routes }: HostPlan,
  live: Inspected['live'],
): Pick<HostItem, 'paths' | 'endpoints' | 'withoutEndpoints' | 'denied'> {
  const sizes = new Map<string, number>();
  const sizeOf = (key: string): number => {
    const size = sizes.get(key) ?? endpointCount(live.get(`b:${key}`));
    sizes.set(key, size);
    return size;
  };
  let [paths, withoutEndpoints, denied] = [0, 0, 0];
  for (const { routeId, mirror, authRequest } of locations) {
    const route = routes.get(routeId);
    if (route === undefined || mirror !== undefined || authRequest !== undefined) continue;
    paths += 1;
    const redirects = route.hostRedirect ?? route.redirect ?? route.slashRedirect;
    if (route.deny !== undefined) denied += 1;
    else if (redirects === undefined && route.backend !== null && sizeOf(route.backend) === 0) withoutEndpoints += 1;
  }
  const endpoints = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  return { paths, endpoints, withoutEndpoints, denied };
}

function endpointCount(backend: string | undefined): number {
  return backend === undefined ? 0 : (JSON.parse(backend) as LiveBackend).endpoints.length;
}
