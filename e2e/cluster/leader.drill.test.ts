/** Two replicas share a Lease. Only its holder writes status, and the other replica takes over when the holder dies. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../runner/instance.ts';
import { startCluster, statusOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { POD_NAMESPACE } from './pod.ts';
import type { Pod } from './pod.ts';

const LEASE_MS = 4_000;
/** How long to wait: many durations of the Lease, because a busy machine may be slow. */
const PATIENCE_MS = 30_000;

let cluster: Cluster;
let pods: Pod[];

function holder(): string {
  const { spec } = (cluster.emulator.get('Lease', POD_NAMESPACE, 'ingress-controller-leader') ?? {}) as {
    spec?: { holderIdentity?: string };
  };
  return spec?.holderIdentity ?? '';
}

async function untilStatus(site: string, timeout: number): Promise<void> {
  await until(`the status of ${site} is written`, () => statusOf(cluster.emulator, site) === '192.0.2.10', timeout);
}

beforeAll(async () => {
  cluster = await startCluster();
  cluster.addSite('l0');
  const args = [`--election-ttl=${LEASE_MS / 1000}s`];
  pods = [await cluster.startPod({ name: 'tidegate-a', args }), await cluster.startPod({ name: 'tidegate-b', args })];
  for (const pod of pods) await pod.ready();
}, 90_000);

afterAll(() => cluster.dispose());

it('the replica that holds the Lease writes the status of Ingresses', async () => {
  await untilStatus('l0', 15_000);
  expect(holder()).toMatch(/^tidegate-[ab]/);
  const writers = new Set(
    cluster.emulator.log.entries.filter(({ subresource }) => subresource === 'status').map(({ name }) => name),
  );
  expect([...writers]).toEqual(['l0']);
});

it('after the replica with the Lease was killed, the other writes status, and no address is removed', async () => {
  const first = holder();
  const dead = pods.find(({ name }) => first.startsWith(name));
  cluster.emulator.log.clear();
  await dead?.controller.end('SIGKILL');
  try {
    cluster.addSite('l1');
    await untilStatus('l1', PATIENCE_MS);
    expect(holder()).not.toBe(first);
    expect(statusOf(cluster.emulator, 'l0')).toBe('192.0.2.10');
  } finally {
    dead?.controller.start();
  }
  const writes = cluster.emulator.log.entries.filter(({ subresource }) => subresource === 'status');
  expect(writes.every(({ name }) => name === 'l1')).toBe(true);
}, 60_000);

it('an unavailable API server does not lead to removed addresses, and a replica writes status afterwards', async () => {
  cluster.emulator.log.clear();
  await cluster.emulator.refuse(LEASE_MS + 1_000);
  cluster.addSite('l2');
  await untilStatus('l2', PATIENCE_MS);
  expect(holder()).not.toBe('');
  const writes = cluster.emulator.log.entries.filter(({ subresource }) => subresource === 'status');
  expect(writes.filter(({ body }) => !body.includes('192.0.2.10'))).toEqual([]);
  for (const site of ['l0', 'l1']) expect(statusOf(cluster.emulator, site)).toBe('192.0.2.10');
}, 60_000);
