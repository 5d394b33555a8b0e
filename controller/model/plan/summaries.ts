/**
 * Lists that a build collects from all Ingresses and hosts, leaf by leaf of their tables: most leaves are unchanged.
 */
import type { FilePlan } from '../../types/plan.ts';
import type { Problem } from '../../types/problem.ts';
import type { Steps } from '../../types/steps.ts';
import { gather, type Gathered } from '../../types/table/derive.ts';
import type { Table } from '../../types/table/table.ts';
import type { Entry } from '../ingress/entries.ts';
import type { Group, HostGroups } from '../host/groups.ts';
import type { HostResult } from '../host/host-result.ts';

export interface HostSummary {
  readonly files: readonly FilePlan[];
  readonly externalNames: readonly string[];
  readonly tlsProblems: readonly Problem[];
  readonly problems: readonly Problem[];
  /** Key of a backend, and a Problem about its Service port, such as missing endpoints. */
  readonly lacks: readonly (readonly [string, Problem])[];
}

/**
 * For each leaf of a table: the entries with Problems, the groups with aliases or from-to-www-redirect, the summary of
 * the hosts.
 */
export interface Summaries {
  readonly entries: Gathered<Entry, readonly Entry[]>;
  readonly groups: Gathered<Group, readonly Group[]>;
  readonly hosts: Gathered<HostResult, HostSummary>;
}

export const NO_SUMMARIES: Summaries = { entries: [], groups: [], hosts: [] };

function* troubledOf(entries: readonly Entry[]): Steps<readonly Entry[]> {
  yield;
  return entries.filter(({ problems }) => problems.length > 0);
}

function* specialOf(groups: readonly Group[]): Steps<readonly Group[]> {
  yield;
  return groups.filter(({ aliased, fromWww }) => aliased !== undefined || fromWww !== undefined);
}

function* summaryOf(results: readonly HostResult[]): Steps<HostSummary> {
  yield;
  return {
    files: results.flatMap(({ output }) => output.files),
    externalNames: results.flatMap(({ backends }) => backends.externalNames),
    tlsProblems: results.flatMap(({ tlsProblems }) => tlsProblems),
    problems: results.flatMap(({ output }) => output.problems),
    lacks: results.flatMap(({ backends }) => backends.lacks),
  };
}

export function summarizeEntries(entries: Table<Entry>, before: Summaries): Steps<Summaries['entries']> {
  return gather(entries, before.entries, troubledOf);
}

export function summarizeGroups(groups: HostGroups, before: Summaries): Steps<Summaries['groups']> {
  return gather(groups, before.groups, specialOf);
}

export function summarizeHosts(results: Table<HostResult>, before: Summaries): Steps<Summaries['hosts']> {
  return gather(results, before.hosts, summaryOf);
}
