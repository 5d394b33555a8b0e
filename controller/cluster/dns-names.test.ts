import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Answer, watchNames } from './dns-names.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(answers: Record<string, () => Answer>) {
  const asked: string[] = [];
  const seen: Record<string, readonly string[]>[] = [];
  const watch = watchNames(
    (names) => seen.push(Object.fromEntries(names)),
    async (name) => {
      asked.push(name);
      const answer = answers[name];
      if (answer === undefined) throw new Error('NXDOMAIN');
      return answer();
    },
  );
  return { asked, seen, watch };
}

test('a name is asked again when its time to live is over, and told only when it changed', async () => {
  let address = '192.0.2.1';
  const { asked, seen, watch } = setUp({ 'db.example.com': () => ({ addresses: [address], ttl: 20 }) });
  watch.set(['db.example.com']);
  await vi.advanceTimersByTimeAsync(0);
  expect(seen).toEqual([{ 'db.example.com': ['192.0.2.1'] }]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked).toHaveLength(2);
  expect(seen).toHaveLength(1);
  address = '192.0.2.2';
  await vi.advanceTimersByTimeAsync(20_000);
  expect(seen.at(-1)).toEqual({ 'db.example.com': ['192.0.2.2'] });
  watch.close();
});

test('a name that stops resolving keeps its addresses, one that never did has none', async () => {
  let fails = false;
  const { seen, watch } = setUp({
    'db.example.com': () => {
      if (fails) throw new Error('SERVFAIL');
      return { addresses: ['192.0.2.1'], ttl: 5 };
    },
  });
  watch.set(['db.example.com', 'missing.example.com']);
  await vi.advanceTimersByTimeAsync(0);
  fails = true;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(seen.at(-1)).toEqual({ 'db.example.com': ['192.0.2.1'], 'missing.example.com': [] });
  watch.close();
});

test('failures are asked ever more seldom', async () => {
  const { asked, watch } = setUp({});
  watch.set(['missing.example.com']);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.length).toBeLessThan(20);
  watch.close();
});

test('a name that nobody wants any more is neither asked nor kept', async () => {
  const { asked, seen, watch } = setUp({
    'a.example.com': () => ({ addresses: ['192.0.2.1'], ttl: 5 }),
    'b.example.com': () => ({ addresses: ['192.0.2.2'], ttl: 5 }),
  });
  watch.set(['a.example.com']);
  await vi.advanceTimersByTimeAsync(0);
  watch.set(['b.example.com']);
  const before = asked.filter((name) => name === 'a.example.com').length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.filter((name) => name === 'a.example.com')).toHaveLength(before);
  expect(seen.at(-1)).toEqual({ 'b.example.com': ['192.0.2.2'] });
  watch.close();
});
