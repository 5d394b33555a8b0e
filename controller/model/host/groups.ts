/** Groups Ingresses by host, so that a change to an Ingress affects only the hosts that it names. */
import { exact } from '../../types/exact.ts';
import type { Steps } from '../../types/steps.ts';
import type { Change } from '../../types/table/diff.ts';
import { draftOf, type Table, tableOf } from '../../types/table/table.ts';
import { byAge, type Entry } from '../ingress/entries.ts';
import type { IngressModel } from '../ingress/ingress-model.ts';

/** One host and its Ingresses. The object remains the same as long as none of these Ingresses changes. */
export interface Group {
  /** Empty string: the catch-all host. */
  readonly host: string;
  /** Entries of the Ingresses that name the host, oldest first. */
  readonly members: readonly Entry[];
  /** Models of the members except canaries, oldest first. */
  readonly models: readonly IngressModel[];
  /** Models of canaries, oldest first. */
  readonly canaries: readonly IngressModel[];
  /** Whether an Ingress of the host, other than a canary, has a `spec.tls`. */
  readonly tls: boolean;
  /** The oldest Ingress with aliases; undefined if there is none. */
  readonly aliased: IngressModel | undefined;
  /** The oldest Ingress with from-to-www-redirect; undefined if there is none. */
  readonly fromWww: IngressModel | undefined;
}

/** Groups by host; the catch-all host (empty string) is always present. */
export type HostGroups = Table<Group>;

/** Shared by all hosts without canaries. */
const NONE: readonly never[] = [];

export const NO_GROUPS: HostGroups = tableOf(new Map([['', groupOf('', [])]]));

/** Updates the groups after entries changed. */
export function* regroup(before: HostGroups, changes: Iterable<Change<Entry>>): Steps<HostGroups> {
  const touched = new Map<string, Set<Entry>>();
  const membersOf = (host: string): Set<Entry> => {
    const members = touched.get(host) ?? new Set(before.get(host)?.members);
    touched.set(host, members);
    return members;
  };
  for (const [, was, now] of changes) {
    if (was !== undefined) for (const host of was.hosts) membersOf(host).delete(was);
    if (now !== undefined) for (const host of now.hosts) membersOf(host).add(now);
    yield;
  }
  const draft = draftOf(before);
  for (const [host, members] of touched) {
    const isThere = members.size > 0 || host === '';
    draft.set(host, isThere ? groupOf(host, exact([...members]).sort(byAge)) : undefined);
    yield;
  }
  return yield* draft.freeze();
}

/** Whether an Ingress that is not a canary names this host. */
export function isHost(groups: HostGroups, host: string): boolean {
  const group = groups.get(host);
  return group !== undefined && isServed(group);
}

/** Whether a host is served: a host that only canaries name is not. */
export function isServed({ host, models }: Pick<Group, 'host' | 'models'>): boolean {
  return host === '' || models.length > 0;
}

function groupOf(host: string, members: readonly Entry[]): Group {
  const all = members.flatMap(({ model }) => (model === undefined ? [] : [model]));
  const models = exact(all.filter(({ canary }) => canary === undefined));
  return {
    host,
    members,
    models,
    canaries: models.length === all.length ? NONE : all.filter(({ canary }) => canary !== undefined),
    tls: models.some(({ ingress }) => (ingress.spec?.tls ?? []).length > 0),
    ...wantedOf(host, models),
  };
}

/** The Ingresses that decide about additional names of a host. */
export function wantedOf(host: string, models: readonly IngressModel[]): Pick<Group, 'aliased' | 'fromWww'> {
  return {
    aliased: host === '' ? undefined : models.find((model) => model.host.aliases !== undefined),
    fromWww: models.find((model) => model.host.fromWww === true),
  };
}
