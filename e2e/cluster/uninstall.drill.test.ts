/**
 * Uninstalls as `helm uninstall` does: `tidegate clear-status` runs first, while the replicas still run.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ingressOf, NAMESPACE } from '../behaviour/site.ts';
import { until } from '../runner/instance.ts';
import { asJson, startCluster, statusOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { POD_NAMESPACE } from './pod.ts';
import { createProgram } from './program.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ADDRESS = '192.0.2.10';
const FOREIGN = '198.51.100.9';
const SITES = ['u0', 'u1', 'u2'];
const TTL_SECONDS = 4;

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  for (const site of SITES) cluster.addSite(site);
  const other = asJson(ingressOf('theirs'));
  const spec = { ...(other['spec'] as object), ingressClassName: 'somebody' };
  const status = { loadBalancer: { ingress: [{ ip: FOREIGN }] } };
  cluster.emulator.put({ ...other, spec, status });
  const args = [`--election-ttl=${TTL_SECONDS}s`, '--status-update-interval=5'];
  const pods = [
    await cluster.startPod({ name: 'tidegate-a', args }),
    await cluster.startPod({ name: 'tidegate-b', args }),
  ];
  for (const pod of pods) await pod.ready();
  for (const site of SITES)
    await until(`${site} is published`, () => statusOf(cluster.emulator, site) === ADDRESS, 20_000);
}, 90_000);

afterAll(() => cluster?.dispose());

it('clear-status removes our addresses from every status, and no replica writes them again', async () => {
  // The Ingress u2 also has an address of another controller.
  const found = cluster.emulator.get('Ingress', NAMESPACE, 'u2');
  if (found === undefined) throw new Error('there is no Ingress u2');
  cluster.emulator.put({ ...found, status: { loadBalancer: { ingress: [{ ip: ADDRESS }, { ip: FOREIGN }] } } });
  const flags = [`--kubeconfig=${cluster.kubeconfig}`, `--publish-status-address=${ADDRESS}`, '--log-format=text'];
  const program = createProgram(process.execPath, ['bin/tidegate.js', 'clear-status', ...flags], {
    cwd: ROOT,
    env: { POD_NAME: 'clear-status-x', POD_NAMESPACE },
  });
  program.start();
  await program.line(/no Ingress has an address of this installation anymore/, 0, 30_000).catch((error: unknown) => {
    if (!String(error).includes('program ended')) throw error;
  });
  await until('clear-status ends', () => !program.running(), 10_000);
  expect(program.lines.join('\n')).toMatch(/waiting 3 s until tidegate-[ab] no longer writes status/);
  const statuses = () => [...SITES, 'theirs'].map((site) => statusOf(cluster.emulator, site));
  expect(statuses()).toEqual(['', '', FOREIGN, FOREIGN]);
  // This is longer than the interval of status updates (5 s), and than the replicas' Lease (4 s).
  await sleep(7_000);
  expect(statuses()).toEqual(['', '', FOREIGN, FOREIGN]);
}, 90_000);

it('clear-status logs why it cannot remove addresses, and exits with 0, so that helm continues', async () => {
  cluster.emulator.fault({ kind: 'status', code: 403, resource: 'leases' });
  const flags = [`--kubeconfig=${cluster.kubeconfig}`, `--publish-status-address=${ADDRESS}`, '--log-format=text'];
  const program = createProgram(process.execPath, ['bin/tidegate.js', 'clear-status', ...flags], {
    cwd: ROOT,
    env: { POD_NAME: 'clear-status-y', POD_NAMESPACE },
  });
  program.start();
  await until('clear-status ends', () => !program.running(), 20_000);
  expect(await program.end('SIGCONT')).toBe(0);
  expect(program.lines.join('\n')).toMatch(/addresses remain in the status of Ingresses: .*leases.*403/);
}, 60_000);
