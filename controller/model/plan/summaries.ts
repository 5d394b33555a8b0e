/** What a build collects from all Ingresses and all hosts, part by part: most parts are unchanged. */
import type { FilePlan, HostPlan } from '../../types/plan.ts';
import type { Problem } from '../../types/problem.ts';
import type { Steps } from '../../types/steps.ts';
import { gather, type Gathered } from '../../types/table/derive.ts';
import type { Table } from '../../types/table/table.ts';
import type { Entry } from '../ingress/entries.ts';
import { type Group, type Groups, isServed } from '../host/groups.ts';
import type { HostResult } from '../host/host-result.ts';

/** Server blocks in their order in nginx.conf: see server-names.ts. */
export type Rank = 'default' | 'wildcard' | 'pattern' | 'plain';

export interface HostSummary {
  readonly plans: { readonly [R in Rank]: readonly HostPlan[] };
  readonly files: readonly FilePlan[];
  readonly externalNames: readonly string[];
  readonly tlsProblems: readonly Problem[];
  readonly problems: readonly Problem[];
  /** Key of a backend → what it lacks. */
  readonly lacks: readonly (readonly [string, Problem])[];
}

/** For each leaf those with problems, those with aliases or from-to-www-redirect, and so on. */
export interface Summaries {
  readonly entries: Gathered<Entry, readonly Entry[]>;
  readonly groups: Gathered<Group, readonly Group[]>;
  readonly hosts: Gathered<HostResult, HostSummary>;
}

export const NO_SUMMARIES: Summaries = { entries: [], groups: [], hosts: [] };

function troubledOf(entries: readonly Entry[]): readonly Entry[] {
  return entries.filter(({ problems }) => problems.length > 0);
}

function specialOf(groups: readonly Group[]): readonly Group[] {
  return groups.filter(({ aliased, fromWww }) => aliased !== undefined || fromWww !== undefined);
}

function summaryOf(results: readonly HostResult[]): HostSummary {
  return {
    plans: plansOf(results),
    files: results.flatMap(({ output }) => output.files),
    externalNames: results.flatMap(({ backends }) => backends.externalNames),
    tlsProblems: results.flatMap(({ tlsProblems }) => tlsProblems),
    problems: results.flatMap(({ output }) => output.problems),
    lacks: results.flatMap(({ backends }) => backends.lacks),
  };
}

function plansOf(results: readonly HostResult[]): HostSummary['plans'] {
  const plans: Record<Rank, HostPlan[]> = { default: [], wildcard: [], pattern: [], plain: [] };
  for (const result of results) {
    if (isServed(result.group)) plans[rankOf(result)].push(result.output.plan);
    if (result.output.www !== undefined) plans.plain.push(result.output.www);
  }
  return plans;
}

function rankOf({ group, output: { plan } }: HostResult): Rank {
  if (plan.isDefault) return 'default';
  if (plan.names.length === 1) return group.host.startsWith('*.') ? 'wildcard' : 'plain';
  return plan.names.some(({ kind }) => kind === 'regex') ? 'pattern' : 'plain';
}

export function summarizeEntries(entries: Table<Entry>, before: Summaries): Steps<Summaries['entries']> {
  return gather(entries, before.entries, troubledOf);
}

export function summarizeGroups(groups: Groups, before: Summaries): Steps<Summaries['groups']> {
  return gather(groups, before.groups, specialOf);
}

export function summarizeHosts(results: Table<HostResult>, before: Summaries): Steps<Summaries['hosts']> {
  return gather(results, before.hosts, summaryOf);
}
