/**
 * Tests the server blocks of some suspected Ingresses alone, to find out which of these Ingresses nginx refuses and
 * which it accepts.
 */
import type { V1Ingress } from '@kubernetes/client-node';
import { faultsOf } from '../types/fault.ts';
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';
import type { Overrides } from './build.ts';
import { isolate } from './isolate.ts';
import { type Contested, nameCulprits } from './name-culprits.ts';
import { keyOfRef, type TrialPlan, type Trials } from './trials.ts';

export interface SortOptions {
  readonly suspects: readonly ObjectKey[];
  readonly Ingress: Snapshot['Ingress'];
  /** Overrides that leave out none of the suspects. */
  readonly overrides: Overrides;
  readonly trials: Trials;
  /** A Plan that includes all suspects. Without it, a Plan of the suspects alone is built. */
  readonly plan?: TrialPlan;
  /** Ingresses that a test of the whole configuration already named, each with nginx's message. */
  readonly named?: ReadonlyMap<ObjectKey, string>;
  /** Called as soon as nginx is known to accept these Ingresses. */
  readonly onCleared?: (keys: readonly ObjectKey[]) => void;
  /** Whether to stop the search and return the results so far. */
  readonly over: () => boolean;
}

export interface Sorted {
  /** Ingress → nginx's message. */
  readonly culprits: ReadonlyMap<ObjectKey, string>;
  readonly cleared: ReadonlySet<ObjectKey>;
  /** Ingresses that were not tested because the time was up or nginx could not be run. */
  readonly open: readonly ObjectKey[];
  /** Whether the search ended because nginx could not be run. */
  readonly untested: boolean;
}

export async function sortOut(options: SortOptions): Promise<Sorted> {
  const { Ingress, overrides, trials, over } = options;
  const culprits = new Map(options.named);
  const cleared = new Set<ObjectKey>();
  let open = options.suspects;
  let named = new Map(options.named);
  let { plan } = options;
  let untested = false;
  const shapes = new Map<ObjectKey, string>();
  const shapeOf = (key: ObjectKey): string => {
    const shape = shapes.get(key) ?? shapeOfIngress(Ingress.get(key));
    shapes.set(key, shape);
    return shape;
  };
  const isOpen = (key: ObjectKey): boolean => !culprits.has(key) && !cleared.has(key);

  while (open.length > 0 && !over()) {
    const clear = (keys: readonly ObjectKey[]): void => {
      for (const key of keys) cleared.add(key);
      if (keys.length > 0) options.onCleared?.(keys);
    };
    try {
      plan ??= await trials.plan(tableOf(open, Ingress), overrides);
      const asked = plan;
      const left = blocksLeft(open, asked);
      // An Ingress of another class, or without rules, has no server block.
      clear(left.nowhere());
      const wanted = new Set(open);
      const found = await nameCulprits({
        hosts: [...asked.hosts.values()].filter(({ owners }) => owners.some((owner) => wanted.has(keyOfRef(owner)))),
        named,
        shapeOf,
        ask: (hosts) => trials.ask(asked, hosts),
        onProven: (hosts) => clear(left.done(hosts.flatMap(({ owners }) => owners.map(keyOfRef)))),
        over,
      });
      for (const [key, message] of found.culprits) culprits.set(key, message);
      for (const each of found.contested)
        for (const [key, message] of await blame(each, options)) culprits.set(key, message);
      untested = found.untested;
    } catch (error) {
      // What cannot be built cannot be tested either. The next build finds the Ingresses that cause the error.
      const owners = new Set(faultsOf(error).flatMap((fault) => fault.owners.map(keyOfRef)));
      const faulty = open.filter((key) => owners.has(key));
      clear(faulty.length > 0 ? faulty : open.filter(isOpen));
    }
    const still = open.filter(isOpen);
    if (untested || still.length === open.length) break;
    // Ingresses that share a host with a refused Ingress are tested again without it.
    open = still;
    named = new Map();
    plan = undefined;
  }
  return { culprits, cleared, open: options.suspects.filter(isOpen), untested };
}

/**
 * Describes an Ingress by its annotation keys and path types. Ingresses with the same description are probably refused
 * for the same reason.
 */
function shapeOfIngress(ingress: V1Ingress | undefined): string {
  const paths = (ingress?.spec?.rules ?? []).flatMap(({ http }) => http?.paths ?? []).map(({ pathType }) => pathType);
  return [...Object.keys(ingress?.metadata?.annotations ?? {}).toSorted(), ...new Set(paths)].join();
}

function tableOf(keys: readonly ObjectKey[], Ingress: Snapshot['Ingress']): Snapshot['Ingress'] {
  return new Map(keys.toSorted().flatMap((key) => (Ingress.has(key) ? [[key, Ingress.get(key) ?? {}]] : [])));
}

/** Counts the blocks of each suspect that are not yet known to be accepted. */
function blocksLeft(suspects: readonly ObjectKey[], { hosts }: TrialPlan) {
  const left = new Map(suspects.map((key) => [key, 0]));
  for (const { owners } of hosts.values())
    for (const owner of owners) {
      const key = keyOfRef(owner);
      const count = left.get(key);
      if (count !== undefined) left.set(key, count + 1);
    }
  return {
    nowhere: (): ObjectKey[] => [...left].flatMap(([key, count]) => (count === 0 ? [key] : [])),
    /**
     * Records that one block of each owner was accepted; returns the suspects all of whose blocks have been accepted.
     */
    done: (owners: readonly ObjectKey[]): ObjectKey[] => {
      const through: ObjectKey[] = [];
      for (const key of owners) {
        const count = left.get(key);
        if (count === undefined) continue;
        left.set(key, count - 1);
        if (count === 1) through.push(key);
      }
      return through;
    },
  };
}

/**
 * Finds the Ingresses at fault in a server block that several Ingresses share. Returns all of them if that is not
 * possible.
 */
async function blame({ host, message }: Contested, options: SortOptions): Promise<ReadonlyMap<ObjectKey, string>> {
  const { Ingress, overrides, trials } = options;
  const suspects = host.owners.map(keyOfRef);
  const found = await isolate({
    suspects,
    askWithout: async (left) => {
      const plan = await trials.plan(
        tableOf(
          suspects.filter((key) => !left.includes(key)),
          Ingress,
        ),
        overrides,
      );
      return trials.ask(plan, [...plan.hosts.values()]);
    },
  });
  return found !== undefined && found.size > 0 ? found : new Map(suspects.map((key) => [key, message]));
}
