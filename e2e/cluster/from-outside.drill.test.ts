/** The commands ask a Pod over the Kubernetes API, and say what is missing if they cannot. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { hostOf, NAMESPACE } from '../behaviour/site.ts';
import { freePort } from '../runner/port.ts';
import { COMPILED, shippedProgram } from '../runner/shipped.ts';
import { type Cluster, podObject, startCluster } from './cluster.ts';
import { type Pod, POD_NAMESPACE } from './pod.ts';
import { createProgram } from './program.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DEPLOYMENT = 'ingress-nginx-controller';
const LABELS = { app: 'tidegate' };

let cluster: Cluster;
let pod: Pod;
let port: number;
let program: string;
let home: string;

/** Runs a command without blocking this process, which is the API server. */
async function tidegate(...args: readonly string[]) {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, KUBECONFIG: cluster.kubeconfig, ...COMPILED };
  const child = spawn(process.execPath, [program, ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [chunks, errors]: [string[], string[]] = [[], []];
  child.stdout.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { status, stdout: chunks.join(''), stderr: errors.join('') };
}

/** The object of a Pod as a Deployment creates it. */
function writePod(name: string, args: readonly string[], ready: boolean): void {
  const object = podObject(name);
  cluster.emulator.put({
    ...object,
    metadata: { name, namespace: POD_NAMESPACE, labels: LABELS },
    spec: { containers: [{ name: 'controller', args: ['controller', ...args] }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });
}

beforeAll(async () => {
  program = await shippedProgram();
  home = mkdtempSync(join(tmpdir(), 'tidegate-home-'));
  port = await freePort();
  cluster = await startCluster();
  cluster.addSite('first');
  pod = await cluster.startPod({ args: [`--inspection-port=${port}`] });
  await pod.ready();
  writePod(pod.name, [`--inspection-port=${port}`], true);
  writePod('waiting', [`--inspection-port=${port}`], false);
  writePod('silent', [], true);
  writePod('closed', [`--inspection-port=${await freePort()}`], true);
  const metadata = { name: DEPLOYMENT, namespace: POD_NAMESPACE };
  cluster.emulator.put({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { selector: { matchLabels: LABELS } },
  });
}, 60_000);

afterEach(() => cluster.emulator.clearFaults());

afterAll(async () => {
  await cluster?.dispose();
  rmSync(home, { recursive: true, force: true });
});

const AT_POD = ['--pod', `${POD_NAMESPACE}/tidegate-0`];

it('lists, pages and explanations come from the Pod', async () => {
  const page = await tidegate('status', '-o', 'json', ...AT_POD);
  expect({ status: page.status, stderr: page.stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(page.stdout)).toMatchObject({ status: { pod: pod.name, namespace: POD_NAMESPACE } });
  const routes = await tidegate('routes', '--host', hostOf('first'), ...AT_POD);
  expect(routes.stdout).toMatch(new RegExp(`^${hostOf('first')} +/ +prefix +${NAMESPACE}/first`, 'm'));
  const explained = await tidegate('explain', `http://${hostOf('first')}/`, ...AT_POD);
  expect(explained.stdout).toContain(`${NAMESPACE}/first:80 gets /`);
}, 30_000);

it('a Deployment stands for a ready Pod of it', async () => {
  cluster.emulator.remove('Pod', POD_NAMESPACE, 'silent');
  cluster.emulator.remove('Pod', POD_NAMESPACE, 'closed');
  const { stdout, stderr } = await tidegate('status', '--deployment', `${POD_NAMESPACE}/${DEPLOYMENT}`);
  expect(stderr).toBe('');
  expect(stdout).toContain(`Pod ${POD_NAMESPACE}/${pod.name}`);
  writePod('silent', [], true);
  writePod('closed', [`--inspection-port=${await freePort()}`], true);
}, 30_000);

it('changes are streamed', async () => {
  const given = [program, 'changes', '-o', 'json', ...AT_POD];
  const env = { HOME: home, KUBECONFIG: cluster.kubeconfig, ...COMPILED };
  const streaming = createProgram(process.execPath, given, { cwd: ROOT, env });
  streaming.start();
  await streaming.line(/"hello"/);
  cluster.addSite('second');
  await streaming.line(/"type":"outcome".*"kind":"reload"/);
  expect(await streaming.end('SIGINT')).toBe(0);
}, 30_000);

it.each([
  ['no such Deployment', ['--deployment', `${POD_NAMESPACE}/none`], `Deployment ${POD_NAMESPACE}/none does not exist`],
  ['no such Pod', ['--pod', `${POD_NAMESPACE}/none`], `Pod ${POD_NAMESPACE}/none does not exist`],
  [
    'a Pod without the port',
    ['--pod', `${POD_NAMESPACE}/silent`],
    'has no --inspection-port, so nobody outside the Pod can ask it; set controller.inspectionPort in the values',
  ],
  ['a closed port', ['--pod', `${POD_NAMESPACE}/closed`], 'cannot be reached: error forwarding port'],
  ['an unknown context', [...AT_POD, '--context', 'mine'], 'the kubeconfig has no context "mine"; it has test'],
])('%s is reported', async (_, args, message) => {
  const { status, stdout, stderr } = await tidegate('status', ...args);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(message);
});

it('if no Pod of the Deployment is ready, its Pods are named', async () => {
  const metadata = { name: 'starting', namespace: POD_NAMESPACE };
  const spec = { selector: { matchLabels: { app: 'starting' } } };
  cluster.emulator.put({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec });
  const given = ['status', '--deployment', `${POD_NAMESPACE}/starting`] as const;
  expect((await tidegate(...given)).stderr).toContain('is ready; it has no Pods');
  cluster.emulator.put({
    ...podObject('starting-1'),
    metadata: { name: 'starting-1', namespace: POD_NAMESPACE, labels: { app: 'starting' } },
    status: { phase: 'Pending' },
  });
  expect((await tidegate(...given)).stderr).toContain(
    'is ready; its Pods: starting-1 (Pending); --pod asks one of them',
  );
});

it('a missing permission is named', async () => {
  cluster.emulator.fault({ kind: 'status', code: 403, verb: 'get', resource: 'portforward' });
  expect((await tidegate('status', ...AT_POD)).stderr).toContain(
    `needs the verbs get and create on pods/portforward in the namespace ${POD_NAMESPACE}`,
  );
  cluster.emulator.clearFaults();
  cluster.emulator.fault({ kind: 'status', code: 403, verb: 'get', resource: 'deployments' });
  expect((await tidegate('status', '--deployment', `${POD_NAMESPACE}/${DEPLOYMENT}`)).stderr).toContain(
    `needs the verb get on deployments in the namespace ${POD_NAMESPACE}`,
  );
});

it('flags that contradict one another are wrong usage', () => {
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [program, 'status', ...args], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, ...COMPILED },
    });
  expect(run(...AT_POD, '--run-dir', '/run')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('one of them'),
  });
  expect(run('--context', 'a')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('need --deployment or --pod'),
  });
  expect(run('--pod', 'tidegate-0')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('not namespace/name'),
  });
});
