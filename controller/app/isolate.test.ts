import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isolate } from './isolate.ts';

const all = Array.from({ length: 20 }, (_, index) => `shop/web-${index}`);

function trial(bad: ReadonlySet<string>, suspects: readonly string[] = all) {
  let checks = 0;
  return {
    checks: () => checks,
    suspects,
    budgetMs: 60_000,
    checkWithout: async (left: readonly string[]) => {
      checks += 1;
      const culprit = all.find((key) => bad.has(key) && !left.includes(key));
      return culprit === undefined
        ? ({ ok: true, ms: 1 } as const)
        : ({ ok: false, ms: 1, message: `bad ${culprit}`, line: undefined } as const);
    },
  };
}

test('exactly the bad ones are found, whatever they are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray(all), async (bad) => {
      const verdict = await isolate(trial(new Set(bad)));
      expect(verdict?.culprits.map(({ key }) => key).sort()).toEqual([...bad].sort());
      expect(verdict?.untried).toEqual([]);
    }),
  );
});

test('one among twenty takes a handful of checks', async () => {
  const search = trial(new Set(['shop/web-13']));
  const verdict = await isolate(search);
  expect(verdict?.culprits).toEqual([{ key: 'shop/web-13', message: 'bad shop/web-13' }]);
  expect(search.checks()).toBeLessThanOrEqual(12);
});

test('a fault outside of the suspects is not blamed on them', async () => {
  expect(await isolate(trial(new Set(['shop/web-19']), all.slice(0, 5)))).toBeUndefined();
});

test('what could not be tried in time is left out, not let in', async () => {
  const verdict = await isolate({ ...trial(new Set(['shop/web-3'])), budgetMs: -1 });
  expect(verdict).toEqual({ culprits: [], untried: all });
});
