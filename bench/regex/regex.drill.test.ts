/**
 * Tests with random patterns and real PCRE that NGINX accepts every pattern that the model accepts, and that no
 * accepted pattern keeps a worker busy.
 */
import { afterAll, expect, test } from 'vitest';
import { startPcre } from './pcre.ts';
import { randomFrom, randomRegex } from './random-regex.ts';
import { tryRandom } from './trial.ts';

const pcre = await startPcre();
afterAll(async () => pcre.stop());

/** The time in ms that PCRE needs to reach the largest limit of a pattern. */
async function limitMs(): Promise<number> {
  const pattern = '(*NO_AUTO_POSSESS)(*LIMIT_MATCH=200000)^/(.*)/x/(.*)q';
  const text = [btoa('/'), btoa('/x'), ''] as const;
  const [outcome] = await pcre.run([{ conf: pattern, lua: pattern, flags: 'os', length: 8192, texts: [text] }]);
  return (outcome?.conf ?? 0) / 1e6;
}

test(
  'NGINX accepts all of 20,000 random patterns that the model accepts, and none of these keeps a worker busy',
  { timeout: 240_000 },
  async () => {
    const size = { patterns: 20_000, searched: 2, texts: 6, slow: 8 * (await limitMs()) };
    const trial = await tryRandom(pcre, 7, size, () => undefined);
    expect(trial.refused).toEqual([]);
    expect(trial.slow).toEqual([]);
    expect(trial.paths).toBeGreaterThan(5000);
    expect(trial.limited).toBeGreaterThan(1000);
    expect(trial.searched).toBeGreaterThan(200);
  },
);

test('the measurement with PCRE detects rejected patterns and slow patterns', async () => {
  const [text, bad] = [['', 'YQ==', 'IQ=='] as const, '^(a+)+$'];
  const job = { flags: 'jos', length: 28, texts: [text] };
  const [slow, broken] = await pcre.run([
    { ...job, conf: bad, lua: bad },
    { ...job, conf: String.raw`^\p{Foo}`, lua: String.raw`^\p{Foo}` },
  ]);
  const [linear] = await pcre.run([{ ...job, conf: '^a+$', lua: '^a+$' }]);
  expect(slow?.conf).toBeGreaterThan(100 * (linear?.conf ?? Infinity));
  expect(broken).toMatchObject({ refused: expect.any(Number), luaRefused: expect.stringContaining('compile') });
});

test('randomRegex returns equal patterns for equal seeds', () => {
  const list = (seed: number) => {
    const random = randomFrom(seed);
    return Array.from({ length: 50 }, () => randomRegex(random));
  };
  expect(list(3)).toEqual(list(3));
  expect(list(3)).not.toEqual(list(4));
});
