/** Measures a canary's share of 20,000 requests. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { canarySite, writeWeights } from './canary-site.ts';
import { untilServed } from './served.ts';
import { split } from './split.ts';

const REQUESTS = 20_000;
const WEIGHT = 10;

let backends: Backends;
let instance: Instance;

beforeAll(async () => {
  backends = await startBackends();
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it("a canary's share of the requests differs from its weight by at most one percentage point", async () => {
  const site = canarySite('many', 1, backends);
  instance = await startInstance({ 'all.yaml': site.objects });
  writeWeights(instance, site, [WEIGHT]);
  await untilServed(instance, site.name, site.pods.slice(1));
  const answered = await split(instance, site.name, REQUESTS);
  const share = ((answered.get(site.pods[1] ?? '') ?? 0) / REQUESTS) * 100;
  process.stdout.write(`canary-weight ${WEIGHT}: ${share.toFixed(2)} % of ${REQUESTS} requests\n`);
  // One percentage point is 4.7 standard deviations, so correct shares fail this test three times in a million runs.
  expect(Math.abs(share - WEIGHT)).toBeLessThanOrEqual(1);
}, 120_000);
