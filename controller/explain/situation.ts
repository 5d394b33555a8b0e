/** What the steps of a request know: the Plan, the request, and where in nginx.conf it is handled. */
import { addressText } from '../types/addresses.ts';
import type { LiveRoute } from '../types/live-route.ts';
import type { HostPlan, LocationPlan, Plan } from '../types/plan.ts';
import type { ObjectRef } from '../types/problem.ts';
import type { Course } from './course.ts';
import type { ExplainInput } from './explain-input.ts';
import type { SeenRequest } from './request.ts';

export interface Situation {
  readonly plan: Plan;
  readonly endpointsOf: ExplainInput['endpointsOf'];
  readonly host: HostPlan;
  /** Undefined before a location is chosen. */
  readonly location: LocationPlan | undefined;
  /** The live data of the location. */
  readonly route: LiveRoute | undefined;
  readonly request: SeenRequest;
  readonly course: Course;
  /** The DNS name from which a backend gets its endpoints; undefined if they do not come from DNS. */
  readonly dnsNameOf: (backend: string) => string | undefined;
}

/** A situation in which a location with live data handles the request. */
export interface Located extends Situation {
  readonly location: LocationPlan;
  readonly route: LiveRoute;
}

type Endpoints = Pick<Situation, 'endpointsOf' | 'dnsNameOf'>;

/**
 * The DNS name whose addresses are the endpoints of a backend, if these addresses are not known; otherwise undefined.
 */
export function unresolvedName({ endpointsOf, dnsNameOf }: Endpoints, key: string): string | undefined {
  return endpointsOf(key).length > 0 ? undefined : dnsNameOf(key);
}

/**
 * The endpoints of a backend as `address:port`; empty if it has none. If the addresses of a DNS name are not known,
 * because the name has not been resolved, the name itself stands for them.
 */
export function endpointTexts(situation: Endpoints, key: string): readonly string[] {
  const name = unresolvedName(situation, key);
  if (name !== undefined) return [`${name} (its addresses come from DNS)`];
  const endpoints = situation.endpointsOf(key);
  return endpoints.map(([address, port]) => addressText(address, port));
}

/** `namespace/name` */
export function keyText({ namespace, name }: ObjectRef): string {
  return `${namespace}/${name}`;
}

/** `shop/api/8080` → `shop/api:8080`; a target outside the cluster has no namespace. */
export function serviceText(key: string): string {
  return key
    .replace(/\.service$/, '')
    .replace(/^-\d?\//, '')
    .replace(/\/([^/]*)$/, ':$1');
}
