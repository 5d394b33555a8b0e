/** NGINX serves without a controller, including after NGINX itself was killed and restarted. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { isLossless, startLoad } from '../client/load.ts';
import { startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { masterOf, startTimeOf, workersOf } from '../runner/processes.ts';
import { readState } from '../runner/state.ts';
import { podOf, untilServed } from './served.ts';
import { hostOf, ingressOf, podsOf, takeAddresses } from './site.ts';

const START = fileURLToPath(new URL('../../nginx/start.sh', import.meta.url));
const sites = Array.from({ length: 10 }, (_, i) => `k${i}`);

let backends: Backends;
let instance: Instance;
const started: ChildProcess[] = [];

async function answers(): Promise<Record<string, string>> {
  const table: Record<string, string> = {};
  for (const site of [...sites, 'unknown']) table[site] = await podOf(instance, site);
  return table;
}

/** Starts NGINX without a controller, as its container does. */
async function startAlone(): Promise<void> {
  const child = spawn(START, [instance.runDir], { detached: true, stdio: 'ignore' });
  child.unref();
  started.push(child);
  await until('NGINX has started without a controller', () => masterOf(instance.runDir) !== undefined, 20_000);
  await until('NGINX responds', async () => (await podOf(instance, 'k0')).startsWith('127.'));
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}

function master(): number {
  const found = masterOf(instance.runDir);
  if (found === undefined) throw new Error('NGINX does not run');
  return found.pid;
}

beforeAll(async () => {
  backends = await startBackends();
  const files: Record<string, KubernetesObject[]> = {};
  for (const site of sites)
    files[`${site}.yaml`] = [ingressOf(site), ...podsOf(site, takeAddresses(1), backends.ports.http)];
  instance = await startInstance(files);
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it('NGINX still serves after the controller was killed', async () => {
  const next = { port: instance.httpPort, host: hostOf('k1'), path: '/' };
  const load = startLoad({ next: () => next, kept: 4, fresh: 1, pause: 3 }, 10_000);
  await instance.end('SIGKILL');
  await until('requests have been sent after the kill', () => load.losses.requests > 300);
  const losses = await load.stop();
  expect(losses.examples).toEqual([]);
  expect(isLossless(losses)).toBe(true);
}, 20_000);

it('NGINX serves the same pods after it was killed and started without a controller', async () => {
  const before = await answers();
  const old = master();
  killAll([old, ...workersOf(old).map(({ pid }) => pid)]);
  await until('NGINX has exited', () => startTimeOf(old) === undefined);
  expect(await podOf(instance, 'k0')).toMatch(/^refused/);
  await startAlone();
  expect(await answers()).toEqual(before);
  expect(before.k0).toMatch(/^127\./);
  expect(before.unknown).toBe('404');
}, 40_000);

it('NGINX serves the same pods after only its master was killed and NGINX was started again', async () => {
  const before = await answers();
  const old = master();
  killAll([old]);
  await until('the master has exited', () => startTimeOf(old) === undefined);
  await startAlone();
  expect(master()).not.toBe(old);
  expect(await answers()).toEqual(before);
}, 40_000);

it('the next controller adopts NGINX without a reload and without sending live data', async () => {
  const now = master();
  const state = await readState(instance.runDir);
  // NGINX responds as soon as its first worker runs.
  await until('all workers run', () => workersOf(now).length === state.workers[0]?.count);
  const workers = workersOf(now);
  await instance.start();
  expect(masterOf(instance.runDir)?.pid).toBe(now);
  expect(workersOf(now)).toEqual(workers);
  const after = await readState(instance.runDir);
  expect([after.revision, after.digest]).toEqual([state.revision, state.digest]);
  const addresses = takeAddresses(1);
  instance.write('k3.yaml', [ingressOf('k3'), ...podsOf('k3', addresses, backends.ports.http)]);
  await untilServed(instance, 'k3', addresses);
}, 40_000);
