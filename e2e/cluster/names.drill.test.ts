/** A pod whose checkout and run directory have names that must be quoted in nginx.conf. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { copyCheckout, STRANGE } from '../behaviour/checkout.ts';
import { untilAnswered } from './answers.ts';
import { startCluster } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { Pod } from './pod.ts';

let folder = '';
let cluster: Cluster;
let pod: Pod;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-names-'));
  // Pods run as another user, who must be able to read the checkout.
  chmodSync(folder, 0o755);
  cluster = await startCluster();
  cluster.addSite('first');
  pod = await cluster.startPod({ root: copyCheckout(folder), folder: `pod ${STRANGE} ` });
  await pod.ready();
}, 60_000);

afterAll(async () => {
  await cluster?.dispose();
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

it('a pod whose paths must be quoted serves existing and new hosts, even after its NGINX has restarted', async () => {
  expect(pod.runDir).toContain(STRANGE);
  await untilAnswered(pod, 'first', cluster.addresses('first'));
  cluster.addSite('second');
  await untilAnswered(pod, 'second', cluster.addresses('second'));
  pod.killNginx();
  await untilAnswered(pod, 'first', cluster.addresses('first'));
  await untilAnswered(pod, 'second', cluster.addresses('second'));
  cluster.addSite('third');
  await untilAnswered(pod, 'third', cluster.addresses('third'));
}, 90_000);
