import { expect, onTestFinished, test, vi } from 'vitest';
import type { Quarantine } from '../model/contract/options.ts';
import { emptySnapshot, type ObjectKey } from '../types/snapshot.ts';
import { createRetries } from './retries.ts';

/** Ingresses that wait for a test, and passes that run one test per millisecond until `over` requests their end. */
function waitingIngresses() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const waiting = new Map<ObjectKey, Quarantine>();
  const passes: { readonly keys: readonly ObjectKey[]; readonly background: boolean; tests: number }[] = [];
  const preparation = { ms: 0 };
  const wait = (name: string, message = ''): void => {
    waiting.set(`shop/${name}`, { refused: { metadata: { name } }, lastGood: undefined, message });
  };
  const retries = createRetries({
    state: {
      due: () => ({
        keys: [...waiting.keys()],
        urgent: [...waiting].flatMap(([key, { message }]) => (message === '' ? [key] : [])),
        nextMs: undefined,
      }),
      leftOut: () => ({ quarantine: waiting, settingTexts: { good: new Map(), refused: new Map() } }),
    },
    retry: async (keys, _snapshot, _good, { background, over }) => {
      const pass = { keys, background, tests: 0 };
      passes.push(pass);
      await new Promise((resolve) => setTimeout(resolve, preparation.ms));
      while (!over() && pass.tests < keys.length) {
        waiting.delete(keys[pass.tests] ?? 'shop/none');
        pass.tests += 1;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return false;
    },
    snapshot: emptySnapshot,
    good: () => new Map(),
    rebuild: () => {},
    refused: () => {},
    failed: (message) => expect.unreachable(message),
  });
  onTestFinished(() => {
    retries.close();
    vi.useRealTimers();
  });
  return { retries, passes, wait, preparation };
}

test('changes to other objects do not interrupt the tests of waiting Ingresses', async () => {
  const { retries, passes, wait } = waitingIngresses();
  for (let index = 0; index < 50; index += 1) wait(`a${index}`);
  retries.begin();
  for (let ms = 0; ms < 100; ms += 1) {
    retries.look();
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(passes).toMatchObject([{ tests: 50 }]);
});

test('a new Ingress or version ends a pass early, but frequent new Ingresses do not prevent all tests', async () => {
  const { retries, passes, wait } = waitingIngresses();
  for (let index = 0; index < 50; index += 1) wait(`a${index}`);
  retries.begin();
  await vi.advanceTimersByTimeAsync(10);
  wait('new');
  retries.look();
  await vi.advanceTimersByTimeAsync(5);
  expect(passes).toHaveLength(2);
  expect(passes[1]?.keys).toContain('shop/new');
  wait('a49');
  retries.look();
  await vi.advanceTimersByTimeAsync(5);
  expect(passes).toHaveLength(3);
  const before = passes.reduce((sum, { tests }) => sum + tests, 0);
  for (let index = 0; index < 30; index += 1) {
    wait(`b${index}`);
    retries.look();
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(passes.length).toBeGreaterThan(5);
  expect(passes.reduce((sum, { tests }) => sum + tests, 0) - before).toBeGreaterThan(20);
});

test('a pass whose preparation takes a long time still runs some tests', async () => {
  const { retries, passes, wait, preparation } = waitingIngresses();
  preparation.ms = 1500;
  for (let index = 0; index < 50; index += 1) wait(`a${index}`);
  retries.begin();
  await vi.advanceTimersByTimeAsync(1600);
  expect(passes[0]?.tests).toBe(4);
});

test('a series of new urgent Ingresses does not prevent the tests of Ingresses that were refused before', async () => {
  const { retries, passes, wait } = waitingIngresses();
  for (let index = 0; index < 20; index += 1) wait(`a${index}`, 'refused before');
  for (let index = 0; index < 5; index += 1) wait(`new-${index}`);
  retries.begin();
  for (let ms = 0; ms < 200; ms += 1) {
    wait(`later-${ms}`);
    retries.look();
    await vi.advanceTimersByTimeAsync(1);
  }
  const tests = passes.reduce((sum, pass) => sum + (pass.background ? pass.tests : 0), 0);
  expect(tests).toBe(20);
});

test('changes to other objects do not shorten the pause after a pass, but a new urgent Ingress does', async () => {
  const { retries, passes, wait } = waitingIngresses();
  for (let index = 0; index < 2000; index += 1) wait(`a${index}`, 'refused before');
  retries.begin();
  for (let ms = 0; ms < 4900; ms += 10) {
    retries.look();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(passes).toMatchObject([{ background: true }]);
  wait('new');
  retries.look();
  await vi.advanceTimersByTimeAsync(1);
  expect(passes).toHaveLength(2);
  expect(passes[1]).toMatchObject({ keys: ['shop/new'], background: false });
});
