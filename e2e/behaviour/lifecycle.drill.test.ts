/** How `tidegate up` starts and stops. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { requestOnce } from '../client/connection.ts';
import { startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { masterOf, processesOf, workersOf } from '../runner/processes.ts';
import { podOf } from './served.ts';
import { ingressOf, podsOf, takeAddresses } from './site.ts';

let backends: Backends;
let instance: Instance;
const addresses = takeAddresses(1);

beforeAll(async () => {
  backends = await startBackends();
  instance = await startInstance({ 'g.yaml': [ingressOf('g'), ...podsOf('g', addresses, backends.ports.http)] });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it('up serves requests as soon as it has reported that it is ready', async () => {
  expect(await podOf(instance, 'g')).toBe(addresses[0]);
});

it('up exits if a port is in use, and names the process that uses the port and the flag for another port', async () => {
  const second = await startInstance({}, { start: false, httpPort: instance.httpPort });
  try {
    await expect(second.start()).rejects.toThrow('the controller ended: 1');
    const output = second.lines.join('\n');
    expect(output).toContain('--http-port');
    expect(output).toContain(String(instance.httpPort));
    expect(output).toMatch(new RegExp(`nginx|${masterOf(instance.runDir)?.pid}`));
  } finally {
    await second.dispose();
  }
  expect(await podOf(instance, 'g')).toBe(addresses[0]);
}, 40_000);

it('up rejects a run directory that another controller uses, and names the pid of that controller', async () => {
  const second = await startInstance({}, { start: false, runDir: instance.runDir });
  try {
    await expect(second.start()).rejects.toThrow('the controller ended: 1');
    expect(second.lines.join('\n')).toContain(String(instance.pid));
  } finally {
    await second.dispose();
  }
  expect(await podOf(instance, 'g')).toBe(addresses[0]);
}, 40_000);

it('up rejects a run directory with a symbolic link, and writes nothing to the target of the link', async () => {
  const base = mkdtempSync(join(tmpdir(), 'tidegate-link-'));
  chmodSync(base, 0o755);
  const [runDir, elsewhere] = [join(base, 'run'), join(base, 'elsewhere')];
  for (const folder of [runDir, elsewhere]) mkdirSync(folder);
  symlinkSync(elsewhere, join(runDir, 'controller'));
  const second = await startInstance({}, { start: false, runDir });
  try {
    await expect(second.start()).rejects.toThrow('the controller ended: 1');
    expect(second.lines.join('\n')).toContain('is a symbolic link');
    expect(readdirSync(elsewhere)).toEqual([]);
  } finally {
    await second.dispose();
    rmSync(base, { recursive: true });
  }
}, 40_000);

it('up adopts the NGINX of a controller that was killed', async () => {
  const master = masterOf(instance.runDir);
  const workers = workersOf(master?.pid ?? 0);
  expect(master).toBeDefined();
  await instance.end('SIGKILL');
  const from = instance.lines.length;
  await instance.start();
  await instance.line(/adopt/, from, 1000);
  expect(masterOf(instance.runDir)).toEqual(master);
  expect(workersOf(master?.pid ?? 0)).toEqual(workers);
}, 40_000);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  it(`up exits with 0 on ${signal}, and leaves no process running`, async () => {
    if (masterOf(instance.runDir) === undefined) await instance.start();
    expect(processesOf(instance.runDir).length).toBeGreaterThan(1);
    expect(await instance.end(signal)).toBe(0);
    await until('every process has exited', () => processesOf(instance.runDir).length === 0, 3000);
    const exchange = await requestOnce({ port: instance.httpPort, host: 'g.example.test', path: '/' });
    expect(exchange.kind).toBe('refused');
  }, 40_000);
}
