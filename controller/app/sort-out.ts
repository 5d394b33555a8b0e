/** Suspects → those that nginx refuses and those that it takes, out of tests of their own server blocks alone. */
import type { V1Ingress } from '@kubernetes/client-node';
import { faultsOf } from '../types/fault.ts';
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';
import type { Circumstances } from './assembly.ts';
import { isolate } from './isolate.ts';
import { type Contested, nameCulprits } from './name-culprits.ts';
import { keyOfRef, type StaticPlan, type Trials } from './trials.ts';

export interface SortOptions {
  readonly suspects: readonly ObjectKey[];
  readonly Ingress: Snapshot['Ingress'];
  /** Under which none of the suspects is left out. */
  readonly circumstances: Circumstances;
  readonly trials: Trials;
  /** A Plan that has them all; without it one is made of the suspects alone. */
  readonly plan?: StaticPlan;
  /** Named already, by a test of everything. */
  readonly named?: ReadonlyMap<ObjectKey, string>;
  /** nginx takes these; called as soon as that is known. */
  readonly onCleared?: (keys: readonly ObjectKey[]) => void;
  /** Whether to leave it at what is known by now. */
  readonly over: () => boolean;
}

export interface Sorted {
  /** Ingress → what nginx said. */
  readonly culprits: ReadonlyMap<ObjectKey, string>;
  readonly cleared: ReadonlySet<ObjectKey>;
  /** Not looked at any more: the time was over, or nginx could not be asked. */
  readonly open: readonly ObjectKey[];
  /** nginx could not be asked. */
  readonly untested: boolean;
}

export async function sortOut(options: SortOptions): Promise<Sorted> {
  const { Ingress, circumstances, trials, over } = options;
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
      plan ??= await trials.plan(tableOf(open, Ingress), circumstances);
      const asked = plan;
      const left = blocksLeft(open, asked);
      // An Ingress of another class, or without rules, is nowhere in nginx.conf.
      clear(left.nowhere());
      const wanted = new Set(open);
      const found = await nameCulprits({
        hosts: asked.hosts.filter(({ owners }) => owners.some((owner) => wanted.has(keyOfRef(owner)))),
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
      // nginx has nothing against what cannot even be built: the next build finds out about it.
      const owners = new Set(faultsOf(error).flatMap((fault) => fault.owners.map(keyOfRef)));
      const faulty = open.filter((key) => owners.has(key));
      clear(faulty.length > 0 ? faulty : open.filter(isOpen));
    }
    const still = open.filter(isOpen);
    if (untested || still.length === open.length) break;
    // Those that share a host with what was named: they are asked about without it.
    open = still;
    named = new Map();
    plan = undefined;
  }
  return { culprits, cleared, open: options.suspects.filter(isOpen), untested };
}

/** Keys of the annotations and kinds of paths: what is refused for one of them may be refused for the same of another. */
function shapeOfIngress(ingress: V1Ingress | undefined): string {
  const paths = (ingress?.spec?.rules ?? []).flatMap(({ http }) => http?.paths ?? []).map(({ pathType }) => pathType);
  return [...Object.keys(ingress?.metadata?.annotations ?? {}).toSorted(), ...new Set(paths)].join();
}

function tableOf(keys: readonly ObjectKey[], Ingress: Snapshot['Ingress']): Snapshot['Ingress'] {
  return new Map(keys.toSorted().flatMap((key) => (Ingress.has(key) ? [[key, Ingress.get(key) ?? {}]] : [])));
}

/** Counts the blocks of each suspect that are still to be proven. */
function blocksLeft(suspects: readonly ObjectKey[], { hosts }: StaticPlan) {
  const left = new Map(suspects.map((key) => [key, 0]));
  for (const { owners } of hosts)
    for (const owner of owners) {
      const key = keyOfRef(owner);
      const count = left.get(key);
      if (count !== undefined) left.set(key, count + 1);
    }
  return {
    nowhere: (): ObjectKey[] => [...left].flatMap(([key, count]) => (count === 0 ? [key] : [])),
    /** One block each was proven; answers the suspects of which none is left. */
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

/** Whose fault a block of several Ingresses is; all of them where that cannot be found out. */
async function blame({ host, message }: Contested, options: SortOptions): Promise<ReadonlyMap<ObjectKey, string>> {
  const { Ingress, circumstances, trials } = options;
  const suspects = host.owners.map(keyOfRef);
  const found = await isolate({
    suspects,
    askWithout: async (left) => {
      const plan = await trials.plan(
        tableOf(
          suspects.filter((key) => !left.includes(key)),
          Ingress,
        ),
        circumstances,
      );
      return trials.ask(plan, plan.hosts);
    },
  });
  return found !== undefined && found.size > 0 ? found : new Map(suspects.map((key) => [key, message]));
}
