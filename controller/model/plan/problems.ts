/** Problems of all parts of a build, in an order that does not depend on earlier builds. */
import type { Problem } from '../../types/problem.ts';
import type { Steps } from '../../types/steps.ts';
import type { HostResult } from '../host/host-result.ts';
import { byAge, type Entry } from '../ingress/entries.ts';
import { sortSteps } from '../../types/sort.ts';
import type { Summaries } from './summaries.ts';

/** Problems that belong to no single Ingress or host. */
export interface SharedProblems {
  readonly settings: readonly Problem[];
  readonly names: readonly Problem[];
  readonly defaultBackend: readonly Problem[];
  readonly certificates: readonly Problem[];
}

export function* gatherProblems(
  { entries, hosts }: Pick<Summaries, 'entries' | 'hosts'>,
  shared: SharedProblems,
): Steps<readonly Problem[]> {
  const troubled = yield* sortSteps(entries.map(({ value }) => value).flat(), byAge);
  // A Service port without endpoints is reported once, for the first host that uses it.
  const lacks = new Map<string, Problem>();
  for (const { value } of hosts) for (const [key, problem] of value.lacks) if (!lacks.has(key)) lacks.set(key, problem);
  yield;
  return [
    shared.settings,
    ...troubled.map(({ problems }) => problems),
    shared.names,
    ...hosts.map(({ value }) => value.tlsProblems),
    shared.defaultBackend,
    ...hosts.map(({ value }) => value.problems),
    [...lacks.values()],
    shared.certificates,
  ].flat();
}

/**
 * The Problems of some entries and hosts; undefined stands for one that does not exist. `loose`: Problems that belong
 * to no single entry or host.
 */
export function problemsOfParts({
  entries,
  hosts,
  loose,
}: {
  readonly entries: readonly (Entry | undefined)[];
  readonly hosts: readonly (HostResult | undefined)[];
  readonly loose: readonly Problem[];
}): readonly Problem[] {
  return [
    ...entries.map((entry) => entry?.problems ?? []),
    ...hosts.map((host) => host?.tlsProblems ?? []),
    ...hosts.map((host) => host?.output.problems ?? []),
    ...hosts.map((host) => (host?.backends.lacks ?? []).map(([, problem]) => problem)),
    loose,
  ].flat();
}
