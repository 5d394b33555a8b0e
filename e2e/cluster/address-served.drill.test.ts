/**
 * Checks that a host is served as soon as its Ingress's status has an address, because readers of the status, such as
 * external-dns, then send requests to it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerOf, untilAnswered } from './answers.ts';
import { startCluster, statusOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { Pod } from './pod.ts';

const SITES = Array.from({ length: 12 }, (_, index) => `new${index}`);
const PATIENCE_MS = 30_000;

let cluster: Cluster;
let pod: Pod;

beforeAll(async () => {
  cluster = await startCluster();
  cluster.addSite('first');
  pod = await cluster.startPod();
  await pod.ready();
  await untilAnswered(pod, 'first', cluster.addresses('first'));
}, 60_000);

afterAll(() => cluster?.dispose());

/** Waits until the status of a site's Ingress has an address, and immediately sends a request to the site. */
async function answerAtPublication(site: string): Promise<string> {
  const end = performance.now() + PATIENCE_MS;
  while (statusOf(cluster.emulator, site) === '') {
    if (performance.now() > end)
      throw new Error(`no address on ${site}:\n${pod.controller.lines.slice(-30).join('\n')}`);
    await sleep(1);
  }
  return answerOf(pod, site);
}

it('each of twelve new hosts is served as soon as the status of its Ingress has an address', async () => {
  const answers: string[] = [];
  for (const site of SITES) {
    cluster.addSite(site);
    const answer = await answerAtPublication(site);
    answers.push(cluster.addresses(site).includes(answer) ? 'served' : answer);
  }
  expect(answers).toEqual(SITES.map(() => 'served'));
}, 120_000);
