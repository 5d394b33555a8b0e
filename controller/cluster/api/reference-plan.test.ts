import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planReferences, sees } from './reference-plan.ts';
import type { Wanted } from './reference-plan.ts';

function secrets(namespace: string, count: number): Wanted[] {
  return Array.from({ length: count }, (_, index) => ({ kind: 'Secret', key: `${namespace}/s${index}` }));
}

const NOTHING = new Set<string>();

test('up to the limit, each name has a watch of its own', () => {
  const plan = planReferences(secrets('a', 3), NOTHING, 3, true);
  expect([...plan.keys()]).toEqual(['Secret a/s0', 'Secret a/s1', 'Secret a/s2']);
});

test('beyond the limit, the namespace with the most names gets one watch', () => {
  const plan = planReferences([...secrets('a', 2), ...secrets('b', 5)], NOTHING, 4, true);
  expect([...plan.keys()]).toEqual(['Secret a/s0', 'Secret a/s1', 'Secret b/*']);
});

test('with more namespaces than the limit, one watch covers all namespaces, if that is allowed', () => {
  const wanted = ['a', 'b', 'c', 'd'].flatMap((namespace) => secrets(namespace, 2));
  expect([...planReferences(wanted, NOTHING, 3, true).keys()]).toEqual(['Secret *']);
  expect(planReferences(wanted, NOTHING, 3, false).size).toBe(4);
});

test('a watch of many objects stays while any of them is wanted', () => {
  expect([...planReferences(secrets('a', 1), new Set(['Secret a/*']), 200, true).keys()]).toEqual(['Secret a/*']);
  expect([...planReferences(secrets('a', 1), new Set(['Secret *']), 200, true).keys()]).toEqual(['Secret *']);
  expect(planReferences([], new Set(['Secret *', 'Secret a/*']), 200, true).size).toBe(0);
});

test('every wanted object is covered by exactly one watch, and the first plan stays within the limit', () => {
  const wanted = fc.uniqueArray(
    fc.record({
      kind: fc.constantFrom('Secret' as const, 'ConfigMap' as const),
      key: fc.tuple(fc.integer({ max: 9, min: 0 }), fc.integer({ max: 9, min: 0 })).map(([a, b]) => `n${a}/o${b}`),
    }),
    { selector: ({ kind, key }) => `${kind} ${key}`, maxLength: 60 },
  );
  fc.assert(
    fc.property(wanted, wanted, fc.integer({ min: 2, max: 30 }), (before, after, limit) => {
      const first = planReferences(before, NOTHING, limit, true);
      expect(first.size).toBeLessThanOrEqual(limit);
      const second = planReferences(after, new Set(first.keys()), limit, true);
      for (const one of after) {
        expect([...second.values()].filter((watch) => sees(watch, one))).toHaveLength(1);
      }
    }),
  );
});
