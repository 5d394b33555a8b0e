/**
 * Which Ingresses does nginx refuse? It stops at the first error of a configuration, so that each test names one. What
 * it named is taken out and the rest is asked about again; the rest of the same namespace comes after everybody else, so
 * that one tenant's hundreds hold up nobody.
 */
import type { HostPlan } from '../types/plan.ts';
import type { ObjectKey } from '../types/snapshot.ts';
import { type Answer, keyOfRef } from './trials.ts';

export interface NamingOptions {
  /** Server blocks of the suspects. */
  readonly hosts: readonly HostPlan[];
  /** Ingresses that a test of everything named, and what nginx said. */
  readonly named: ReadonlyMap<ObjectKey, string>;
  readonly ask: (hosts: readonly HostPlan[]) => Promise<Answer>;
  /** These blocks are fine; called as soon as that is known. */
  readonly onProven: (hosts: readonly HostPlan[]) => void;
  /** Whether to leave it at what is known by now. */
  readonly over: () => boolean;
}

export interface Naming {
  /** Ingress → what nginx said. */
  readonly culprits: ReadonlyMap<ObjectKey, string>;
  /** Blocks of several Ingresses that nginx refuses without saying whose fault it is, and what it said. */
  readonly contested: readonly Contested[];
  /** nginx could not be asked. */
  readonly untested: boolean;
}

export interface Contested {
  readonly host: HostPlan;
  readonly message: string;
}

export async function nameCulprits({ hosts, named, ask, onProven, over }: NamingOptions): Promise<Naming> {
  const culprits = new Map(named);
  const contested: Contested[] = [];
  const [first, last] = apart(without(hosts, [...named.keys()]), [...named.keys()]);
  const queue: (readonly HostPlan[])[] = [first, last];
  while (queue.length > 0 && !over()) {
    const group = queue.shift() ?? [];
    const [one] = group;
    if (one === undefined) continue;
    const answer = await ask(group);
    if (answer.ok) {
      onProven(group);
      continue;
    }
    if (answer.untested === true) return { culprits, contested, untested: true };
    const owners = ownersAmong(answer.owners, group);
    const [owner] = owners;
    if (owners.length === 1 && owner !== undefined) {
      culprits.set(owner, answer.message);
      const [others, same] = apart(without(group, [owner]), [owner]);
      queue.unshift(others);
      queue.push(same);
    } else if (group.length === 1) {
      const [only, ...more] = one.owners.map(keyOfRef);
      if (only !== undefined && more.length === 0) culprits.set(only, answer.message);
      else contested.push({ host: one, message: answer.message });
    } else {
      // A whole block was named, or nothing: that block alone, or halves.
      const block = owners.length === 0 ? [] : group.filter((host) => owners.every((key) => isOf(host, [key])));
      const cut = block.length === 0 || block.length === group.length ? half(group) : block;
      queue.unshift(
        cut,
        group.filter((host) => !cut.includes(host)),
      );
    }
  }
  return { culprits, contested, untested: false };
}

function isOf(host: HostPlan, keys: readonly ObjectKey[]): boolean {
  return host.owners.some((owner) => keys.includes(keyOfRef(owner)));
}

function without(hosts: readonly HostPlan[], keys: readonly ObjectKey[]): readonly HostPlan[] {
  return keys.length === 0 ? hosts : hosts.filter((host) => !isOf(host, keys));
}

function ownersAmong(owners: readonly ObjectKey[], hosts: readonly HostPlan[]): readonly ObjectKey[] {
  return owners.filter((key) => hosts.some((host) => isOf(host, [key])));
}

/** Blocks in which the namespaces of these Ingresses have no part, and the others. */
function apart(
  hosts: readonly HostPlan[],
  keys: readonly ObjectKey[],
): readonly [readonly HostPlan[], readonly HostPlan[]] {
  const namespaces = new Set(keys.map((key) => key.split('/')[0]));
  const isTheirs = (host: HostPlan): boolean => host.owners.some(({ namespace }) => namespaces.has(namespace));
  return [hosts.filter((host) => !isTheirs(host)), hosts.filter(isTheirs)];
}

function half(hosts: readonly HostPlan[]): readonly HostPlan[] {
  return hosts.slice(0, Math.ceil(hosts.length / 2));
}
