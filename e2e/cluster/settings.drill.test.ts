/**
 * A pod serves nothing until it has read the ConfigMap of settings that its flag names, unless that ConfigMap does not
 * exist. If the ConfigMap is deleted later, the last settings still apply, because they may guard access.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../runner/instance.ts';
import { answerOf, untilAnswered } from './answers.ts';
import { startCluster } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { get, POD_NAMESPACE } from './pod.ts';
import type { Pod } from './pod.ts';

const SETTINGS = 'ingress-nginx-controller';
const args = [`--configmap=${POD_NAMESPACE}/${SETTINGS}`];

let cluster: Cluster;
let pod: Pod;

function put(data: Record<string, string>): void {
  cluster.emulator.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: SETTINGS, namespace: POD_NAMESPACE },
    data,
  });
}

beforeAll(async () => {
  cluster = await startCluster();
  cluster.addSite('s0');
}, 60_000);

afterAll(() => cluster?.dispose());

it('a pod without permission to read its ConfigMap of settings is not ready until it has read that ConfigMap', async () => {
  put({ 'whitelist-source-range': '192.0.2.0/24' });
  const { emulator } = cluster;
  emulator.fault({ kind: 'status', code: 403, resource: 'configmaps' });
  pod = await cluster.startPod({ args });
  const refused = () => emulator.log.count({ resource: 'configmaps', code: 403 });
  await until('the ConfigMap was requested repeatedly', () => refused() > 4, 30_000);
  expect((await get(pod.statusPort, '/ready')).status).not.toBe(200);
  expect(await answerOf(pod, 's0')).not.toBe(cluster.addresses('s0')[0]);
  const said = pod.controller.lines.filter((line) => line.includes('startup waits for this permission'));
  expect(said).toHaveLength(1);
  expect(said[0]).toContain(`configmaps ${SETTINGS} in namespace ${POD_NAMESPACE} cannot be watched`);
  emulator.clearFaults();
  await pod.ready();
  await untilAnswered(pod, 's0', ['403']);
}, 60_000);

it('the last settings still apply after their ConfigMap was deleted, and a log line reports that', async () => {
  cluster.emulator.remove('ConfigMap', POD_NAMESPACE, SETTINGS);
  await until(
    'the deletion is reported',
    () => pod.controller.lines.some((line) => line.includes('was deleted; the last settings stay in force')),
    15_000,
  );
  await sleep(500);
  expect(await answerOf(pod, 's0')).toBe('403');
  put({});
  await untilAnswered(pod, 's0', cluster.addresses('s0'));
}, 60_000);

it('a pod does not wait for a ConfigMap of settings that does not exist', async () => {
  const other = await cluster.startPod({ name: 'tidegate-1', args: [`--configmap=${POD_NAMESPACE}/no-such`] });
  await other.ready();
  await untilAnswered(other, 's0', cluster.addresses('s0'));
}, 60_000);
