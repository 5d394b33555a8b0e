import { X509Certificate } from 'node:crypto';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { KnownIntermediates } from '../../types/intermediates.ts';
import { type Chain, makeChain } from '../fixtures/chain.ts';
import { watchIntermediates } from './watch.ts';

const HOUR = 60 * 60 * 1000;
let chain: Chain;
let fingerprint: string;
let ends: ReadonlyMap<string, string>;

beforeAll(() => {
  chain = makeChain({
    host: 'shop.example.com',
    intermediates: 2,
    issuerUrl: (index) => `http://ca.example/${index + 1}`,
  });
  const leaf = new X509Certificate(chain.certificates[0] ?? '');
  fingerprint = leaf.fingerprint256;
  ends = new Map([[fingerprint, leaf.toString()]]);
});

// Timers are fake. `setImmediate` is real, because the code yields to the event loop, and the date is real, because of
// the certificates.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A watch whose issuers respond if `works` returns true for their index in the chain. */
function setUp(works: (index: number) => boolean) {
  const seen: KnownIntermediates[] = [];
  const asked: number[] = [];
  const watch = watchIntermediates(
    (known) => seen.push(known),
    async (url) => {
      const index = Number(url.at(-1));
      asked.push(index);
      return works(index)
        ? { ok: true, certificates: [new X509Certificate(chain.certificates[index] ?? '')] }
        : { ok: false, reason: `${index} is down` };
    },
  );
  /** Runs all timers that are due within `ms`, and the first parsing of the roots. */
  async function pass(ms: number): Promise<void> {
    for (const part of [0, ms, 0, 1000, 0]) {
      await vi.advanceTimersByTimeAsync(part);
      for (let turn = 0; turn < 300; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const subjects = () =>
    (
      seen
        .at(-1)
        ?.get(fingerprint)
        ?.chain.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? []
    ).map((block) => new X509Certificate(block).subject);
  return { watch, seen, asked, pass, subjects, failure: () => seen.at(-1)?.get(fingerprint)?.failure };
}

const BOTH = ['CN=Test Intermediate 1', 'CN=Test Intermediate 2'];

test('a completed chain is reported once, and its issuers are fetched again after a day', async () => {
  const { watch, seen, asked, pass, subjects, failure } = setUp(() => true);
  watch.set(ends);
  watch.set(new Map(ends));
  await pass(1000);
  expect(seen).toHaveLength(1);
  expect(subjects()).toEqual(BOTH);
  expect(failure()).toBeUndefined();
  expect(asked).toEqual([1, 2, 3]);
  await pass(25 * HOUR);
  expect(asked).toEqual([1, 2, 3, 1, 2, 3]);
  expect(seen).toHaveLength(1);
  watch.close();
});

test('a failure to fetch an issuer is reported, and attempts become less frequent until one succeeds', async () => {
  let up = false;
  const { watch, asked, pass, subjects, failure } = setUp((index) => up || index === 1);
  watch.set(ends);
  await pass(1000);
  expect(subjects()).toEqual(BOTH.slice(0, 1));
  expect(failure()).toBe('2 is down');
  for (let minute = 0; minute < 60; minute += 1) await vi.advanceTimersByTimeAsync(60_000);
  const tries = asked.filter((index) => index === 2).length;
  expect(tries).toBeGreaterThan(3);
  expect(tries).toBeLessThan(9);
  up = true;
  await pass(HOUR);
  expect(subjects()).toEqual(BOTH);
  expect(failure()).toBeUndefined();
  watch.close();
});

test('certificates that were found stay in use when the issuers no longer respond', async () => {
  let up = true;
  const { watch, seen, asked, pass } = setUp(() => up);
  watch.set(ends);
  await pass(1000);
  up = false;
  await pass(25 * HOUR);
  expect(asked.length).toBeGreaterThan(3);
  expect(seen).toHaveLength(1);
  watch.close();
});

test('the issuers of a chain that is no longer used are not fetched again, and the chain is forgotten', async () => {
  const { watch, seen, asked, pass } = setUp(() => true);
  watch.set(ends);
  await pass(1000);
  watch.set(new Map());
  await pass(50 * HOUR);
  expect(asked).toEqual([1, 2, 3]);
  watch.set(ends);
  await pass(1000);
  expect(seen).toHaveLength(2);
  watch.close();
});
