/** The controller restarts an NGINX that was killed, and does not reload it for the same configuration afterwards. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../runner/instance.ts';
import { masterOf, workersOf } from '../runner/processes.ts';
import { type OneApp, startOneApp } from './one-app.ts';
import { podOf } from './served.ts';

let app: OneApp;

beforeAll(async () => {
  app = await startOneApp();
}, 60_000);

afterAll(() => app?.stop());

it('a killed NGINX is started once, and not reloaded', async () => {
  const { instance } = app;
  const from = instance.lines.length;
  const master = masterOf(instance.runDir)?.pid ?? 0;
  for (const pid of [master, ...workersOf(master).map((worker) => worker.pid)]) process.kill(pid, 'SIGKILL');
  await instance.line(/restoring the current configuration/, from);
  await until('NGINX serves again', async () => (await podOf(instance, 'app')).startsWith('127.'), 20_000);
  // Longer than the minimum time between two reloads.
  await sleep(4000);
  expect(instance.lines.slice(from).filter((line) => /\breload: |settings, templates or options/.test(line))).toEqual(
    [],
  );
  // Changes are applied as before.
  await app.addHost();
}, 60_000);
