/** The shares of one or several canaries with weights, and changes to weights without a reload. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { watchGenerations } from '../runner/generations.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { canarySite, writeWeights } from './canary-site.ts';
import type { CanarySite } from './canary-site.ts';
import { untilServed } from './served.ts';
import { split, tolerance } from './split.ts';

const REQUESTS = 2000;

let backends: Backends;
let instance: Instance;
let one: CanarySite;
let three: CanarySite;

beforeAll(async () => {
  backends = await startBackends();
  one = canarySite('one', 1, backends);
  three = canarySite('three', 3, backends);
  instance = await startInstance({ 'all.yaml': [...one.objects, ...three.objects] });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

/** Sets weights, waits until the last canary has received a request, and compares the shares with the weights. */
async function expectShares(site: CanarySite, weights: readonly number[]): Promise<void> {
  writeWeights(instance, site, weights);
  await untilServed(instance, site.name, site.pods.slice(-1));
  const answered = await split(instance, site.name, REQUESTS);
  for (const [i, weight] of weights.entries()) {
    const wanted = weight / 100;
    const share = (answered.get(site.pods[i + 1] ?? '') ?? 0) / REQUESTS;
    const text = `canary ${i + 1} of ${site.name}: ${share} of ${REQUESTS} requests`;
    expect(Math.abs(share - wanted), text).toBeLessThanOrEqual(tolerance(wanted, REQUESTS));
  }
}

it('a canary is added, changed and removed without a reload, and gets its share of requests', async () => {
  const generations = watchGenerations(instance.runDir);
  await expectShares(one, [10]);
  await expectShares(one, [50]);
  writeWeights(instance, one, [100]);
  await untilServed(instance, one.name, one.pods.slice(1), { times: 20 });
  writeWeights(instance, one, []);
  await untilServed(instance, one.name, one.pods.slice(0, 1), { times: 20 });
  expect(generations.reloads()).toBe(0);
  generations.stop();
}, 60_000);

it('each of three canaries of a path gets its share of requests', async () => {
  await expectShares(three, [10, 20, 30]);
}, 60_000);

it('a canary gets no requests if older canaries get all of them', async () => {
  writeWeights(instance, three, [0, 100, 50]);
  await untilServed(instance, three.name, three.pods.slice(2, 3), { times: 20 });
  const answered = await split(instance, three.name, REQUESTS);
  expect([...answered]).toEqual([[three.pods[2], REQUESTS]]);
}, 60_000);
