/** The tables of the Plan that all hosts add to. */
import type { LiveBackend, LiveCertificate } from '../../types/live.ts';
import type { LiveRoute } from '../../types/live-route.ts';
import type { BackendRef } from '../../types/plan.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { emptyTally, recount, type Tally } from '../../types/table/derive.ts';
import type { Change } from '../../types/table/diff.ts';
import { draftOf, emptyTable, type Table } from '../../types/table/table.ts';
import { backendKey } from '../contract/backend-key.ts';
import type { HostBackend } from '../host/backends/host-backends.ts';
import type { HostResult } from '../host/host-result.ts';
import type { HostCertificates } from '../host/names/host-certificates.ts';

export interface Tables {
  readonly routes: Tally<LiveRoute>;
  readonly backends: Tally<LiveBackend>;
  readonly certificates: Tally<LiveCertificate>;
  /** Name → key of its certificate. */
  readonly names: Tally<string>;
  readonly backendsOfService: Table<readonly BackendRef[]>;
}

export const NO_TABLES: Tables = {
  routes: emptyTally(),
  backends: emptyTally(),
  certificates: emptyTally(),
  names: emptyTally(),
  backendsOfService: emptyTable(),
};

/** What went and what came since the build before. */
interface Turnover<T> {
  readonly gone: readonly T[];
  readonly come: readonly T[];
}

function* changesOf<T>({ gone, come }: Turnover<T>): Iterable<Change<T>> {
  for (const item of come) yield ['', undefined, item];
  for (const item of gone) yield ['', item, undefined];
}

type Contribution<V> = Iterable<readonly [string, V]>;

/** Tables after the results of some hosts, and certificates that belong to none, went and others came. */
export function* retable(
  before: Tables,
  hosts: Turnover<HostResult>,
  shared: Turnover<HostCertificates>,
): Steps<Tables> {
  const backends = yield* recount(before.backends, changesOf(hosts), backendsOf);
  const certificates = {
    gone: [...hosts.gone.map((result) => result.certificates), ...shared.gone],
    come: [...hosts.come.map((result) => result.certificates), ...shared.come],
  };
  return {
    routes: yield* recount(before.routes, changesOf(hosts), routesOf),
    backends,
    certificates: yield* recount(before.certificates, changesOf(certificates), (each) => each.certificates),
    names: yield* recount(before.names, changesOf(certificates), (each) => each.names),
    backendsOfService: yield* byService(before.backendsOfService, backends.values, hosts),
  };
}

function routesOf({ output: { plan, www } }: HostResult): Contribution<LiveRoute> {
  return www === undefined ? plan.routes : [...plan.routes, ...www.routes];
}

function backendsOf({ backends }: HostResult): Contribution<LiveBackend> {
  return backends.list.map(({ key, resolved }) => [key, resolved.backend]);
}

/** `namespace/name` of a Service → its ports that somebody names. */
function* byService(
  before: Table<readonly BackendRef[]>,
  named: Table<LiveBackend>,
  { gone, come }: Turnover<HostResult>,
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
  for (const results of [gone, come]) {
    for (const { backends } of results) {
      backends.list.forEach(settle);
      yield;
    }
  }
  return yield* draft.freeze();
}
