/** Two installations serve the same Ingress without a class. Each reports the conflict with the other's address. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../runner/instance.ts';
import { startCluster, statusOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import type { Pod } from './pod.ts';

const ADDRESS = { alpha: '192.0.2.11', beta: '192.0.2.12' };
const PATIENCE_MS = 60_000;

let cluster: Cluster;
const pods: Pod[] = [];

function start(install: keyof typeof ADDRESS, ...args: readonly string[]): Promise<Pod> {
  return cluster.startPod({
    name: `${install}-0`,
    args: [
      `--election-id=${install}-leader`,
      `--publish-status-address=${ADDRESS[install]}`,
      '--status-update-interval=5',
      ...args,
    ],
  });
}

beforeAll(async () => {
  cluster = await startCluster();
  cluster.addSite('both');
  for (const install of ['alpha', 'beta'] as const) pods.push(await start(install));
  for (const pod of pods) await pod.ready();
}, 90_000);

afterAll(() => cluster?.dispose());

it('each of two installations that serve the same Ingress reports that once in its log and as an Event', async () => {
  const [alpha, beta] = pods;
  if (alpha === undefined || beta === undefined) throw new Error('two pods are needed');
  const line = /another controller serves this Ingress too/;
  const said = await Promise.all(pods.map((pod) => pod.controller.line(line, 0, PATIENCE_MS)));
  expect(said[0]).toContain(`it keeps replacing ${ADDRESS.alpha} with ${ADDRESS.beta}`);
  expect(said[1]).toContain(`it keeps replacing ${ADDRESS.beta} with ${ADDRESS.alpha}`);
  const events = () =>
    cluster.emulator.list('Event').filter((event) => JSON.stringify(event).includes('serves this Ingress too'));
  await until('the Events are written', () => events().length === 2, PATIENCE_MS);
  for (const pod of pods) expect(pod.controller.lines.filter((text) => line.test(text))).toHaveLength(1);
  await beta.controller.end('SIGTERM');
  await until(
    'the status has the address of alpha',
    () => statusOf(cluster.emulator, 'both') === ADDRESS.alpha,
    PATIENCE_MS,
  );
}, 180_000);
