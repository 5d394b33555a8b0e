/** Plans all hosts that a build affects, one after another. */
import { type Fault, faultOf } from '../../types/fault.ts';
import type { ObjectKey } from '../../types/snapshot.ts';
import type { Steps } from '../../types/steps.ts';
import { diff } from '../../types/table/diff.ts';
import { createFindReferrers } from '../../types/table/referrers.ts';
import { draftOf, emptyTable, type Table } from '../../types/table/table.ts';
import type { Group, HostGroups } from './groups.ts';
import { type HostResult, hostResult } from './host-result.ts';
import { serviceKeysOf } from './backends/host-backends.ts';
import { type HostRules, sameForAll } from './host-rules.ts';
import { ingressRef } from '../contract/object-ref.ts';

export interface Results {
  /** The groups that the results were planned from. */
  readonly groups: HostGroups;
  /** Host → result. */
  readonly table: Table<HostResult>;
  /** Exceptions thrown while hosts were planned; these hosts are missing from the table. */
  readonly faults: readonly Fault[];
}

export const NO_RESULTS: Results = { groups: emptyTable(), table: emptyTable(), faults: [] };

/**
 * Plans the hosts that a build affects. `special`: the groups with aliases or from-to-www-redirect. `rules`: rules of
 * this build. `results`: results of the previous build; `before`: its rules.
 */
export function* planHosts(
  { groups, special }: { readonly groups: HostGroups; readonly special: readonly Group[] },
  rules: HostRules,
  results: Results,
  before: HostRules | undefined,
): Steps<Results> {
  const faults: Fault[] = [];
  const draft = draftOf(results.table);
  function* plan(group: Group): Steps<void> {
    const was = results.table.get(group.host);
    const result = yield* planOrFail(group, rules, was, faults);
    if (result !== was) draft.set(group.host, result);
    yield;
  }
  const changes = [...diff(results.groups, groups)];
  for (const [host, , now] of changes) if (now === undefined) draft.set(host, undefined);
  for (const group of groups.values()) {
    if (!concernsOthers(group.host)) break;
    yield* plan(group);
  }
  // This is known only after the wildcard hosts are planned, because they fill `rules.secureWildcards`.
  const isCalm = before !== undefined && results.faults.length === 0 && sameForAll(rules, before);
  const hosts = [...changes.map(([host]) => host), ...special.map(({ host }) => host)];
  const due = isCalm ? inHostOrder(groups, [...hosts, ...(yield* touched(results.table, rules))]) : groups.values();
  for (const group of due) if (!concernsOthers(group.host)) yield* plan(group);
  return { groups, table: yield* draft.freeze(), faults };
}

const findReferrers = createFindReferrers(({ group, backends, pooled }: HostResult) => [
  ...group.members.flatMap(({ secrets }) => secrets),
  ...serviceKeysOf(backends),
  ...pooled,
]);

/**
 * Hosts that use a Secret or Service that changed, or for whose names the pool has another certificate. Objects are
 * compared by namespace and name only, so a changed Secret also affects hosts that use a Service with the same name.
 */
function touched(
  results: Table<HostResult>,
  { changedSecrets = NONE, changedServices = NONE, changedPool = NONE }: HostRules,
): Steps<readonly string[]> {
  return findReferrers(results, new Set([...changedSecrets, ...changedServices, ...changedPool]));
}

const NONE: ReadonlySet<ObjectKey> = new Set();

/** The existing groups of these hosts, each once, in the order of hosts. */
function inHostOrder(groups: HostGroups, hosts: readonly string[]): readonly Group[] {
  return [...new Set(hosts)].sort().flatMap((host) => groups.get(host) ?? []);
}

/**
 * Whether a host can affect the plans of other hosts, so that it must be planned first: the catch-all host gets names
 * that no other host has, and a wildcard host can provide the certificate of other hosts.
 */
function concernsOthers(host: string): boolean {
  return host === '' || host.startsWith('*.');
}

/** The result of a host; undefined if planning throws an exception, which is a bug of ours. */
function* planOrFail(
  group: Group,
  rules: HostRules,
  was: HostResult | undefined,
  faults: Fault[],
): Steps<HostResult | undefined> {
  try {
    return yield* hostResult(group, rules, was);
  } catch (error) {
    faults.push(
      faultOf(
        error,
        group.members.map(({ ingress }) => ingressRef(ingress)),
      ),
    );
    return undefined;
  }
}
