/** Hosts with the Ingresses that name them. A change of Ingresses touches their hosts and no others. */
import { exact } from '../../types/exact.ts';
import type { Steps } from '../../types/steps.ts';
import { byAge, type Entry } from '../ingress/entries.ts';
import type { IngressModel } from '../ingress/ingress-model.ts';
import { sortSteps } from '../../types/sort.ts';

/** One host; the same object for as long as the same Ingresses name it and none of them changes. */
export interface Group {
  /** Empty: every name that is nobody's. */
  readonly host: string;
  readonly members: readonly Entry[];
  /** Models of the members, oldest first; without those of canaries. */
  readonly models: readonly IngressModel[];
  /** Models of canaries, oldest first. */
  readonly canaries: readonly IngressModel[];
  /** Some member has a `spec.tls`. */
  readonly tls: boolean;
  /** The oldest member with aliases; undefined where there are none. */
  readonly aliased: IngressModel | undefined;
  /** The oldest member that wants from-to-www-redirect; undefined where there is none. */
  readonly fromWww: IngressModel | undefined;
}

/** In the order of hosts, of which the empty one is always there. */
export type Groups = readonly Group[];

/** One object for all hosts without canaries. */
const NONE: readonly never[] = [];

export const NO_GROUPS: Groups = [groupOf('', [])];

const STRIDE = 128;

/** Groups after some entries went and others came. */
// oxlint-disable-next-line eslint/complexity -- one pass with pauses: each part taken out would be a generator of its own
export function* regroup(before: Groups, gone: readonly Entry[], come: readonly Entry[]): Steps<Groups> {
  const touched = new Map<string, { gone: Entry[]; come: Entry[] }>();
  let seen = 0;
  for (const [entries, side] of [[gone, 'gone'] as const, [come, 'come'] as const]) {
    for (const entry of entries) {
      for (const host of entry.hosts) {
        const change = touched.get(host) ?? { gone: [], come: [] };
        touched.set(host, change);
        change[side].push(entry);
      }
      if ((seen += 1) % STRIDE === 0) yield;
    }
  }
  if (touched.size === 0) return before;
  const groups: Group[] = [];
  let from = 0;
  for (const host of yield* sortSteps([...touched.keys()], inOrder)) {
    const at = placeOf(before, host, from);
    for (const group of before.slice(from, at)) groups.push(group);
    const known = before[at]?.host === host ? before[at] : undefined;
    from = known === undefined ? at : at + 1;
    const change = touched.get(host);
    const left = new Set(change?.gone);
    const members = [...(known?.members ?? []).filter((entry) => !left.has(entry)), ...(change?.come ?? [])];
    if (members.length > 0 || host === '') groups.push(groupOf(host, exact(members).sort(byAge)));
    if ((seen += 1) % STRIDE === 0) yield;
  }
  for (const group of before.slice(from)) groups.push(group);
  return groups;
}

/** Whether some Ingress names this host, and not as a canary. */
export function isHost(groups: Groups, host: string): boolean {
  const group = groups[placeOf(groups, host, 0)];
  return group?.host === host && isServed(group);
}

/** A host that only canaries name is none. */
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

/** Ingresses whose wishes about names hold. */
export function wantedOf(host: string, models: readonly IngressModel[]): Pick<Group, 'aliased' | 'fromWww'> {
  return {
    aliased: host === '' ? undefined : models.find((model) => model.host.aliases !== undefined),
    fromWww: models.find((model) => model.host.fromWww === true),
  };
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where a host is, or would have to be, from an index on. */
function placeOf(groups: Groups, host: string, from: number): number {
  let [low, high] = [from, groups.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((groups[middle]?.host ?? '') < host) low = middle + 1;
    else high = middle;
  }
  return low;
}
