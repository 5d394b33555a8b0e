/** `tidegate status` and the port of the inspection API in a pod. */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';
import { COMPILED, shippedProgram } from '../runner/shipped.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { type Pod, POD_NAMESPACE } from './pod.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let cluster: Cluster;
let pod: Pod;
let port: number;
let program: string;

function tidegate(...args: readonly string[]) {
  const given = [program, ...args, '--run-dir', pod.runDir];
  const env = { ...process.env, ...COMPILED };
  return spawnSync(process.execPath, given, { cwd: ROOT, encoding: 'utf8', timeout: 30_000, env });
}

interface Status {
  readonly state: string;
  readonly leader: boolean | null;
}

function status(): Status {
  return (JSON.parse(tidegate('status', '-o', 'json').stdout) as { status: Status }).status;
}

beforeAll(async () => {
  program = await shippedProgram();
  port = await freePort();
  cluster = await startCluster();
  cluster.addSite('first');
  pod = await cluster.startPod({ args: [`--inspection-port=${port}`] });
  await pod.ready();
}, 60_000);

afterAll(async () => {
  await cluster?.dispose();
});

it('status shows the Pod, the leader and the age of the data; only the owner of the socket can connect', async () => {
  await until('the replica leads', () => status().leader === true, 30_000);
  const page = status();
  expect(page).toMatchObject({
    state: 'healthy',
    command: 'controller',
    namespace: POD_NAMESPACE,
    pod: pod.name,
    dataAgeSeconds: expect.any(Number),
    counts: { ingresses: 1 },
  });
  expect(tidegate('status').stdout).toContain(`Pod ${POD_NAMESPACE}/${pod.name}, leader`);
  const socket = join(pod.runDir, 'controller/inspect.sock');
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  expect(tidegate('logs').stdout).toMatch(/^access log: \/dev\/stdout; in a cluster: kubectl logs POD -c nginx$/m);
}, 60_000);

it('the port answers on 127.0.0.1, and not to web pages', async () => {
  const url = `http://127.0.0.1:${port}/v1/routes`;
  const answer = (await (await fetch(url)).json()) as { total: number };
  expect(answer.total).toBeGreaterThan(0);
  expect((await fetch(url, { headers: { origin: 'http://example.com' } })).status).toBe(403);
});

it('status is unhealthy while NGINX is away, and healthy again afterwards', async () => {
  pod.killNginx();
  await until('status is unhealthy', () => status().state === 'unhealthy', 10_000);
  await until('status is healthy', () => status().state === 'healthy', 40_000);
}, 60_000);
