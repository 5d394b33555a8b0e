/** The order of server blocks, and what else the static half collects from all hosts. */
import type { FilePlan, HostPlan } from '../../types/plan.ts';
import type { Rank, Summaries } from './summaries.ts';

export interface Gathered {
  /** The default server, wildcards, hosts with alias patterns, then all others: see server-names.ts. */
  readonly hosts: readonly HostPlan[];
  readonly files: readonly FilePlan[];
  /** Sorted, without duplicates. */
  readonly externalNames: readonly string[];
}

/** `hosts` come in the order of hosts, which is also that of plain hosts. */
export function inServerOrder(hosts: Summaries['hosts']): Gathered {
  const of = (rank: Rank): readonly HostPlan[] => hosts.map(({ value }) => value.plans[rank]).flat();
  return {
    hosts: [of('default'), of('wildcard').toSorted(byName), of('pattern').toSorted(byName), of('plain')].flat(),
    files: hosts.map(({ value }) => value.files).flat(),
    externalNames: [...new Set(hosts.map(({ value }) => value.externalNames).flat())].sort(),
  };
}

function byName(a: HostPlan, b: HostPlan): number {
  const [left, right] = [a.names[0]?.text ?? '', b.names[0]?.text ?? ''];
  return left < right ? -1 : left > right ? 1 : 0;
}
