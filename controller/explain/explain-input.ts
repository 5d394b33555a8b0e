/** What an explanation is computed from, besides the request. */
import type { LiveBackend } from '../types/live.ts';
import type { Plan } from '../types/plan.ts';
import type { ObjectRef, Problem } from '../types/problem.ts';
import type { SettingOrigin } from '../types/setting-origin.ts';
import type { ClientPorts } from './client-address.ts';

export interface ExplainInput {
  readonly plan: Plan;
  /** The endpoints of a backend, by its key. They may be newer than the Plan. */
  readonly endpointsOf: (backend: string) => LiveBackend['endpoints'];
  /** Problems of the build; those of the host's Ingresses become notes. */
  readonly problems: readonly Problem[];
  /** --http-port and --https-port. */
  readonly ports: ClientPorts;
  /** --strict-access */
  readonly strictAccess: boolean;
  /** The host of a rule of an Ingress, by its index; the empty string for a rule without a host. */
  readonly hostOfRule: (ingress: ObjectRef, rule: number) => string | undefined;
  /** The DNS name of a backend whose endpoints come from DNS, by its key; undefined for other backends. */
  readonly dnsNameOf: (backend: string) => string | undefined;
  /** The settings in force for the paths of an Ingress. `owners`: the Ingresses of the host, oldest first. */
  readonly originsOf: (ingress: ObjectRef, owners: readonly ObjectRef[]) => readonly SettingOrigin[];
}
