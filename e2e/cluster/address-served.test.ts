/** An address in a status is a promise: whoever reads it, as external-dns does, sends requests there. */
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

/** Waits for the address of a site, looking all the time; then asks for the site at once. */
async function answerAtPublication(site: string): Promise<string> {
  const end = performance.now() + PATIENCE_MS;
  while (statusOf(cluster.emulator, site) === '') {
    if (performance.now() > end)
      throw new Error(`no address on ${site}:\n${pod.controller.lines.slice(-30).join('\n')}`);
    await sleep(1);
  }
  return answerOf(pod, site);
}

it('of twelve new hosts each answers in the moment in which its address is there', async () => {
  const answers: string[] = [];
  for (const site of SITES) {
    cluster.addSite(site);
    const answer = await answerAtPublication(site);
    answers.push(cluster.addresses(site).includes(answer) ? 'served' : answer);
  }
  expect(answers).toEqual(SITES.map(() => 'served'));
}, 120_000);
