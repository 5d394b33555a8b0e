import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isolate } from './isolate.ts';
import type { TrialResult } from './trials.ts';

const all = Array.from({ length: 20 }, (_, index) => `shop/web-${index}`);

function trial(bad: ReadonlySet<string>, suspects: readonly string[] = all) {
  let asked = 0;
  return {
    asked: () => asked,
    suspects,
    askWithout: async (left: readonly string[]): Promise<TrialResult> => {
      asked += 1;
      const culprit = all.find((key) => bad.has(key) && !left.includes(key));
      return culprit === undefined ? { ok: true } : { ok: false, message: `bad ${culprit}`, owners: [] };
    },
  };
}

test('isolate() finds exactly those suspected Ingresses that nginx refuses', async () => {
  await fc.assert(
    fc.asyncProperty(fc.subarray(all), async (bad) => {
      const found = await isolate(trial(new Set(bad)));
      expect([...(found?.keys() ?? ['none'])].sort()).toEqual([...bad].sort());
    }),
  );
});

test('one refused Ingress among twenty suspects is found with at most twelve tests', async () => {
  const search = trial(new Set(['shop/web-13']));
  expect(await isolate(search)).toEqual(new Map([['shop/web-13', 'bad shop/web-13']]));
  expect(search.asked()).toBeLessThanOrEqual(12);
});

test('no suspect is blamed for an error that remains when all suspects are left out', async () => {
  expect(await isolate(trial(new Set(['shop/web-19']), all.slice(0, 5)))).toBeUndefined();
});

test('no suspect is blamed if nginx could not be run', async () => {
  const { askWithout, suspects } = trial(new Set(['shop/web-3']));
  let left = 3;
  const found = await isolate({
    suspects,
    askWithout: async (keys) => {
      left -= 1;
      return left > 0 ? askWithout(keys) : { ok: false, message: 'no memory', owners: [], untested: true };
    },
  });
  expect(found).toBeUndefined();
});
