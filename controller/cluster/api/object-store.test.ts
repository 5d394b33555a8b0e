import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Kind, Snapshot } from '../../types/snapshot.ts';
import { createObjectStore } from './object-store.ts';
import type { ObjectStore } from './object-store.ts';
import { readItem } from './read-item.ts';
import { DEFAULT_TUNING } from './tuning.ts';

const KINDS = ['Ingress', 'Service', 'EndpointSlice', 'ConfigMap', 'Namespace'] as const;
type Held = (typeof KINDS)[number];

/** The content depends on the version: objects of the same version are equal. */
function objectOf(kind: Held, namespace: string, name: string, version: number): object {
  const labels = { 'kubernetes.io/service-name': `s${version}` };
  return {
    metadata: { name, ...(kind === 'Namespace' ? {} : { namespace }), labels, uid: String(version) },
    ...(kind === 'EndpointSlice' ? { addressType: 'IPv4', endpoints: [{ addresses: [`10.0.0.${version}`] }] } : {}),
  };
}

const change = fc.record({
  kind: fc.constantFrom(...KINDS),
  namespace: fc.constantFrom('shop', 'other'),
  name: fc.constantFrom('a', 'b', 's1'),
  version: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined, freq: 3 }),
});
const step = fc.oneof(
  { weight: 6, arbitrary: change },
  { weight: 3, arbitrary: fc.constantFrom('take' as const, 'take without Ingresses' as const) },
  { weight: 1, arbitrary: fc.constant('candidate' as const) },
);

function contentsOf(snapshot: Snapshot): unknown {
  return [...KINDS, 'slicesOfService' as const].map((table) => [table, [...snapshot[table]]]);
}

function namespacesOf(snapshot: Snapshot, kind: 'Ingress' | 'Service' | 'EndpointSlice'): string[] {
  return [...snapshot[kind].values()].map(({ metadata }) => metadata?.namespace ?? '');
}

/** Objects that differ between two Snapshots. */
function differences(before: Snapshot, after: Snapshot): { kind: Kind; key: string }[] {
  return [...KINDS].sort().flatMap((kind) => {
    const keys = new Set([...before[kind].keys(), ...after[kind].keys()]);
    return [...keys]
      .filter((key) => before[kind].get(key) !== after[kind].get(key))
      .sort()
      .map((key) => ({ kind, key }));
  });
}

function put(
  store: ObjectStore,
  { kind, namespace, name, version }: typeof change extends fc.Arbitrary<infer Change> ? Change : never,
): void {
  const object = objectOf(kind, namespace, kind === 'Namespace' ? namespace : name, version ?? 1);
  const item = readItem(kind, object, DEFAULT_TUNING);
  if (item === undefined) throw new Error('not an object');
  store.set(kind, item.key, version === undefined ? undefined : store.adopt(kind, item).object);
}

test.each([false, true])(
  'Snapshots contain the objects in scope, and list the differences as changes (namespaces by selector: %s)',
  (bySelector) => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const scope = { bySelector, services: new Set(['other/s1']) };
        const store = createObjectStore(scope);
        let before = store.candidate();
        for (const each of [...steps, 'take' as const]) {
          if (each === 'candidate') {
            store.candidate();
            continue;
          }
          if (typeof each === 'object') {
            put(store, each);
            continue;
          }
          const held = new Set<Kind>(each === 'take' ? [] : ['Ingress']);
          const taken = store.take(held);
          const after = taken.snapshot;
          const differing = differences(before, after);
          expect([...taken.changes()]).toEqual(differing);
          expect(taken.size).toBeGreaterThanOrEqual(differing.length);
          for (const kind of KINDS) {
            expect(before[kind] === after[kind]).toBe(differing.every((one) => one.kind !== kind));
          }
          if (held.size > 0) expect(after.Ingress).toBe(before.Ingress);
          before = after;
        }
        expect(store.isPending(new Set(KINDS))).toBe(false);
        expect(store.candidate()).toBe(before);

        // A new store with the same objects, added in another order.
        const fresh = createObjectStore(scope);
        for (const kind of KINDS.toReversed()) {
          for (const key of [...store.keys(kind)].sort().toReversed()) fresh.set(kind, key, store.get(kind, key));
        }
        expect(contentsOf(before)).toEqual(contentsOf(fresh.take(new Set()).snapshot));
        const inScope = (namespace: string) => !bySelector || store.get('Namespace', namespace) !== undefined;
        expect(namespacesOf(before, 'Ingress').filter((each) => !inScope(each))).toEqual([]);
        for (const kind of ['Service', 'EndpointSlice'] as const)
          expect(namespacesOf(before, kind).filter((each) => !inScope(each) && each !== 'other')).toEqual([]);
      }),
      { numRuns: 300 },
    );
  },
);
