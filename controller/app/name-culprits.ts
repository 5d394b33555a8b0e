/**
 * Finds out which Ingresses nginx refuses. nginx stops at the first error, so each test names one Ingress. That Ingress
 * is left out, and the remaining server blocks are tested again. Blocks of the same namespace and blocks that resemble
 * the refused one are tested last. Otherwise hundreds of bad Ingresses of one tenant, or one mistake made hundreds of
 * times, would delay all other Ingresses. Blocks before the error are probably accepted and are tested together.
 */
import type { HostPlan } from '../types/plan.ts';
import type { ObjectKey } from '../types/snapshot.ts';
import { type TrialResult, keyOfRef } from './trials.ts';

export interface NamingOptions {
  /** Server blocks of the suspects. */
  readonly hosts: readonly HostPlan[];
  /** Ingresses that a test of the whole configuration already named, each with nginx's message. */
  readonly named: ReadonlyMap<ObjectKey, string>;
  /** Returns equal values for Ingresses that resemble each other. */
  readonly shapeOf: (key: ObjectKey) => string;
  readonly ask: (hosts: readonly HostPlan[]) => Promise<TrialResult>;
  /** Called as soon as nginx is known to accept these blocks. */
  readonly onProven: (hosts: readonly HostPlan[]) => void;
  /** Whether to stop the search and return the results so far. */
  readonly over: () => boolean;
}

export interface Naming {
  /** Ingress → nginx's message. */
  readonly culprits: ReadonlyMap<ObjectKey, string>;
  /** Blocks with several Ingresses for which nginx does not say which one is at fault, each with nginx's message. */
  readonly contested: readonly Contested[];
  /** Whether the search ended because nginx could not be run. */
  readonly untested: boolean;
}

export interface Contested {
  readonly host: HostPlan;
  readonly message: string;
}

/**
 * After this many Ingresses have been named, the blocks before the errors are tested, so that Ingresses that nginx
 * accepts do not wait for the end of the search.
 */
const MOST_UNPROVEN = 8;

export async function nameCulprits({ hosts, named, shapeOf, ask, onProven, over }: NamingOptions): Promise<Naming> {
  const culprits = new Map(named);
  const contested: Contested[] = [];
  const queue: (readonly HostPlan[])[] = apart(without(hosts, [...named.keys()]), [...named.keys()], shapeOf);
  let likely: HostPlan[] = [];
  let since = 0;

  function next(): readonly HostPlan[] | undefined {
    while (queue[0]?.length === 0) queue.shift();
    if (queue.length === 0 && likely.length === 0) return undefined;
    const isOver = over();
    if (likely.length === 0 || (since < MOST_UNPROVEN && queue.length > 0 && !isOver))
      return isOver ? undefined : queue.shift();
    const group = likely;
    [likely, since] = [[], 0];
    return group;
  }

  for (let group = next(); group !== undefined; group = next()) {
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
      since += 1;
      const at = group.findIndex((host) => isOf(host, [owner]));
      likely.push(...without(group.slice(0, at), [owner]));
      const [others = [], ...alike] = apart(without(group.slice(at), [owner]), [owner], shapeOf);
      queue.unshift(others);
      queue.push(...alike);
    } else if (group.length === 1) {
      const [only, ...more] = one.owners.map(keyOfRef);
      if (only !== undefined && more.length === 0) culprits.set(only, answer.message);
      else contested.push({ host: one, message: answer.message });
    } else {
      // nginx's message leads either to a block with several owners or to no block. In the first case, test that block
      // alone; otherwise, test each half of the group.
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

/**
 * Groups the blocks by similarity to these Ingresses: first blocks that have neither the namespace nor the shape in
 * common with them, then blocks of the same namespace, of the same shape, and of the same namespace and shape.
 */
function apart(
  hosts: readonly HostPlan[],
  keys: readonly ObjectKey[],
  shapeOf: (key: ObjectKey) => string,
): (readonly HostPlan[])[] {
  const namespaces = new Set(keys.map((key) => key.split('/')[0]));
  const shapes = new Set(keys.map(shapeOf));
  const groups: [HostPlan[], HostPlan[], HostPlan[], HostPlan[]] = [[], [], [], []];
  for (const host of hosts) {
    const near = host.owners.some(({ namespace }) => namespaces.has(namespace));
    const alike = host.owners.some((owner) => shapes.has(shapeOf(keyOfRef(owner))));
    groups[alike ? (near ? 3 : 2) : near ? 1 : 0].push(host);
  }
  return groups;
}

function half(hosts: readonly HostPlan[]): readonly HostPlan[] {
  return hosts.slice(0, Math.ceil(hosts.length / 2));
}
