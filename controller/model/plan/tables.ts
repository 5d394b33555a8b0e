/** The tables of the Plan that all hosts add to. */
import type { LiveBackend, LiveCertificate, LivePassthrough } from '../../types/live.ts';
import type { LiveRoute } from '../../types/live-route.ts';
import type { BackendRef, HostPlan } from '../../types/plan.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { emptyTally, recount, type Tally } from '../../types/table/derive.ts';
import type { Change } from '../../types/table/diff.ts';
import { draftOf, emptyTable, type Table } from '../../types/table/table.ts';
import { backendKey } from '../contract/backend-key.ts';
import type { HostBackend, HostBackends } from '../host/backends/host-backends.ts';
import type { HostResult } from '../host/host-result.ts';
import type { HostCertificates } from '../host/names/host-certificates.ts';
import { blocksOf } from './server-order.ts';

export interface PlanTables {
  /** Server blocks, in the order of server-order.ts. */
  readonly blocks: Tally<HostPlan>;
  readonly routes: Tally<LiveRoute>;
  readonly backends: Tally<LiveBackend>;
  readonly certificates: Tally<LiveCertificate>;
  /** Name → key of its certificate. */
  readonly names: Tally<string>;
  /** Server name → what happens to TLS connections for it, if there is anything to say about it. */
  readonly passthrough: Tally<LivePassthrough>;
  /** `namespace/name` of a Service → its ports in use. */
  readonly backendsOfService: Table<readonly BackendRef[]>;
}

export const NO_TABLES: PlanTables = {
  blocks: emptyTally(),
  routes: emptyTally(),
  backends: emptyTally(),
  certificates: emptyTally(),
  names: emptyTally(),
  passthrough: emptyTally(),
  backendsOfService: emptyTable(),
};

type Contribution<V> = Iterable<readonly [string, V]>;

/** What is in the tables, but belongs to no host. */
export interface SharedChanges {
  readonly certificates: readonly Change<HostCertificates>[];
  /** Backends of TCP and UDP services. */
  readonly backends: readonly Change<HostBackends>[];
}

/** Updates the tables after results of hosts changed. */
export function* retable(
  before: PlanTables,
  hosts: readonly Change<HostResult>[],
  shared: SharedChanges,
): Steps<PlanTables> {
  const changed = hosts.map(([host, was, now]): Change<HostBackends> => [host, was?.backends, now?.backends]);
  const users = [...changed, ...shared.backends];
  const backends = yield* recount(before.backends, users, backendsOf);
  const ofHosts = hosts.map(([host, was, now]): Change<HostCertificates> => [
    host,
    was?.certificates,
    now?.certificates,
  ]);
  const certificates = [...ofHosts, ...shared.certificates];
  return {
    blocks: yield* recount(before.blocks, hosts, blocksOf),
    routes: yield* recount(before.routes, hosts, routesOf),
    backends,
    certificates: yield* recount(before.certificates, certificates, (each) => each.certificates),
    names: yield* recount(before.names, certificates, (each) => each.names),
    passthrough: yield* recount(before.passthrough, hosts, ({ passthrough }) => passthrough),
    backendsOfService: yield* byService(before.backendsOfService, backends.values, users),
  };
}

function routesOf({ output: { plan, www } }: HostResult): Contribution<LiveRoute> {
  return www === undefined ? plan.routes : [...plan.routes, ...www.routes];
}

function backendsOf({ list }: HostBackends): Contribution<LiveBackend> {
  return list.map(({ key, resolved }) => [key, resolved.backend]);
}

/** Updates `backendsOfService`. */
function* byService(
  before: Table<readonly BackendRef[]>,
  named: Table<LiveBackend>,
  users: readonly Change<HostBackends>[],
): Steps<Table<readonly BackendRef[]>> {
  const draft = draftOf(before);
  const settle = ({ key, ref }: HostBackend): void => {
    const service: ObjectKey = `${ref.namespace}/${ref.service}`;
    const ports = draft.get(service) ?? [];
    const listed = ports.some((other) => backendKey(other) === key);
    if (named.has(key) === listed) return;
    const others = listed ? ports.filter((other) => backendKey(other) !== key) : [...ports, ref];
    draft.set(
      service,
      others.length === 0 ? undefined : others.sort((a, b) => (backendKey(a) < backendKey(b) ? -1 : 1)),
    );
  };
  for (const [, was, now] of users) {
    was?.list.forEach(settle);
    now?.list.forEach(settle);
    yield;
  }
  return yield* draft.freeze();
}
