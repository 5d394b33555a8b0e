/** All hosts, one after the other. */
import { type Fault, faultOf } from '../../types/fault.ts';
import type { Steps } from '../../types/steps.ts';
import { diff } from '../../types/table/diff.ts';
import { draftOf, emptyTable, type Table } from '../../types/table/table.ts';
import type { Group, Groups } from './groups.ts';
import { type HostResult, hostResult, readsSecretOf } from './host-result.ts';
import { readsServiceOf } from './backends/host-backends.ts';
import { type HostRules, sameForAll } from './host-rules.ts';
import { ingressRef } from '../contract/object-ref.ts';

export interface Results {
  readonly groups: Groups;
  /** By host. */
  readonly table: Table<HostResult>;
  /** Faults of hosts that are missing from the table, because planning them failed. */
  readonly faults: readonly Fault[];
}

export const NO_RESULTS: Results = { groups: emptyTable(), table: emptyTable(), faults: [] };

/**
 * `special`: the groups with aliases or from-to-www-redirect. `rules`: of this build; `before`: of the build that
 * produced `results`.
 */
export function* planHosts(
  { groups, special }: { readonly groups: Groups; readonly special: readonly Group[] },
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
  // Known after the wildcard hosts.
  const isCalm = before !== undefined && results.faults.length === 0 && sameForAll(rules, before);
  const hosts = [...changes.map(([host]) => host), ...special.map(({ host }) => host)];
  const due = isCalm ? inHostOrder(groups, [...hosts, ...(yield* touched(results.table, rules))]) : groups.values();
  for (const group of due) if (!concernsOthers(group.host)) yield* plan(group);
  return { groups, table: yield* draft.freeze(), faults };
}

/** Hosts that read a Secret or Service that changed. */
function* touched(
  results: Table<HostResult>,
  { changedSecrets, changedServices }: HostRules,
): Steps<readonly string[]> {
  const hosts: string[] = [];
  if (changedSecrets?.size === 0 && changedServices?.size === 0) return hosts;
  for (const { items } of results.leaves()) {
    for (const { group, backends } of items)
      if (readsSecretOf(group, changedSecrets) || readsServiceOf(backends, changedServices)) hosts.push(group.host);
    yield;
  }
  return hosts;
}

/** The groups of these hosts that exist, each once. */
function inHostOrder(groups: Groups, hosts: readonly string[]): readonly Group[] {
  return [...new Set(hosts)].sort().flatMap((host) => groups.get(host) ?? []);
}

/**
 * The catch-all host takes names that no other host has, and wildcard hosts give others a certificate. They come first.
 */
function concernsOthers(host: string): boolean {
  return host === '' || host.startsWith('*.');
}

/** Undefined if planning the host fails, which is our own fault. */
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
