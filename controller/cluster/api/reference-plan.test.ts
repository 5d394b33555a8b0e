import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planReferences, sees } from './reference-plan.ts';
import type { PlanOptions, Wanted } from './reference-plan.ts';

function secrets(namespace: string, count: number): Wanted[] {
  return Array.from({ length: count }, (_, index) => ({ kind: 'Secret', key: `${namespace}/s${index}` }));
}

const NOTHING = new Set<string>();

function plan(wanted: readonly Wanted[], options: Partial<PlanOptions> = {}): string[] {
  const unlimited = { running: NOTHING, refused: NOTHING, limit: 200, limitPerNamespace: 200, mayWatchAll: true };
  return [...planReferences(wanted, { ...unlimited, ...options }).keys()];
}

test('up to the limit of watches, each referenced name has a watch of its own', () => {
  expect(plan(secrets('a', 3), { limit: 3 })).toEqual(['Secret a/s0', 'Secret a/s1', 'Secret a/s2']);
});

test('beyond the limit of watches, one watch covers the namespace with the most names', () => {
  const wanted = [...secrets('a', 2), ...secrets('b', 5)];
  expect(plan(wanted, { limit: 4 })).toEqual(['Secret a/s0', 'Secret a/s1', 'Secret b/*']);
});

test('one watch covers all namespaces if there are more namespaces than watches and this is allowed', () => {
  const wanted = ['a', 'b', 'c', 'd'].flatMap((namespace) => secrets(namespace, 2));
  expect(plan(wanted, { limit: 3 })).toEqual(['Secret *']);
  expect(plan(wanted, { limit: 3, mayWatchAll: false })).toHaveLength(4);
});

test('beyond the limit for one namespace, one watch covers each kind that has too many names in this namespace', () => {
  const wanted = [...secrets('a', 3), ...secrets('b', 2), { kind: 'ConfigMap', key: 'a/headers' } as const];
  const expected = ['Secret a/*', 'Secret b/s0', 'Secret b/s1', 'ConfigMap a/headers'];
  expect(plan(wanted, { limitPerNamespace: 2 })).toEqual(expected);
});

test('a namespace whose watch was refused has watches of single names, up to the limit for all namespaces', () => {
  const refused = new Set(['Secret a/*']);
  const names = ['Secret a/s0', 'Secret a/s1', 'Secret a/s2'];
  expect(plan(secrets('a', 3), { limitPerNamespace: 2, refused })).toEqual(names);
  expect(plan(secrets('a', 3), { limitPerNamespace: 2, refused, running: refused })).toEqual(names);
  expect(plan(secrets('a', 3), { limitPerNamespace: 2, refused, limit: 2 })).toEqual(['Secret a/*']);
});

test('a watch of many objects continues while any of these objects is referenced', () => {
  expect(plan(secrets('a', 1), { running: new Set(['Secret a/*']) })).toEqual(['Secret a/*']);
  expect(plan(secrets('a', 1), { running: new Set(['Secret *']) })).toEqual(['Secret *']);
  expect(plan([], { running: new Set(['Secret *', 'Secret a/*']) })).toEqual([]);
});

test('exactly one watch covers each referenced object, and the first plan stays within the limit of watches', () => {
  const wanted = fc.uniqueArray(
    fc.record({
      kind: fc.constantFrom('Secret' as const, 'ConfigMap' as const),
      key: fc.tuple(fc.integer({ max: 9, min: 0 }), fc.integer({ max: 9, min: 0 })).map(([a, b]) => `n${a}/o${b}`),
    }),
    { selector: ({ kind, key }) => `${kind} ${key}`, maxLength: 60 },
  );
  fc.assert(
    fc.property(wanted, wanted, fc.integer({ min: 2, max: 30 }), (before, after, limit) => {
      const options = { limit, limitPerNamespace: limit / 2, refused: new Set(['Secret n0/*']), mayWatchAll: true };
      const first = planReferences(before, { ...options, running: NOTHING });
      expect(first.size).toBeLessThanOrEqual(limit);
      const second = planReferences(after, { ...options, running: new Set(first.keys()) });
      for (const one of after) {
        expect([...second.values()].filter((watch) => sees(watch, one))).toHaveLength(1);
      }
    }),
  );
});
