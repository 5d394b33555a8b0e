/** All hosts, one after the other. */
import { type Fault, faultOf } from '../../types/fault.ts';
import type { Steps } from '../../types/steps.ts';
import { type Change, diff } from '../../types/table/diff.ts';
import { draftOf, emptyTable, type Table } from '../../types/table/table.ts';
import type { Group, Groups } from './groups.ts';
import { type HostResult, hostResult } from './host-result.ts';
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
  for (const group of isCalm ? together(changes, special) : groups.values())
    if (!concernsOthers(group.host)) yield* plan(group);
  return { groups, table: yield* draft.freeze(), faults };
}

/** Groups that changed, and those whose names depend on other groups, in the order of hosts. */
function together(changes: readonly Change<Group>[], special: readonly Group[]): readonly Group[] {
  const all = new Map(special.map((group) => [group.host, group]));
  for (const [host, , now] of changes) if (now !== undefined) all.set(host, now);
  return [...all.values()].sort((a, b) => (a.host < b.host ? -1 : 1));
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
