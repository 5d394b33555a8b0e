/** Drills in which the controller, a worker or the master is killed at a step of applying a change. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { until } from '../runner/instance.ts';
import { masterOf, startTimeOf, workersOf } from '../runner/processes.ts';
import { expectNothingLost, expectOnlyRefused, LANES, lostOf, tell } from './drill.ts';
import type { Drill } from './drill.ts';
import type { FaultPoints } from './fault-points.ts';
import type { Step } from './steps.ts';

/** Prepares a change to endpoints and, unless the step occurs with every change to endpoints, a new host. */
async function prepare(drill: Drill, step: Step): Promise<void> {
  const [site = ''] = drill.pods.keys();
  drill.changeEndpoints(site);
  if (!/^(journal|compaction)/.test(step)) drill.addHost();
  await drill.foresee();
}

async function gone({ pid, startTime }: { pid: number; startTime: number }): Promise<void> {
  await until(`process ${pid} has exited`, () => startTimeOf(pid) !== startTime);
}

/** The controller is killed at the step and restarted. No request is lost. */
export async function killController(drill: Drill, points: FaultPoints, step: Step): Promise<void> {
  const { instance } = drill;
  let ms = 0;
  await prepare(drill, step);
  const losses = await drill.under(async () => {
    points.arm(step, 'kill');
    drill.publish();
    await points.reached();
    await instance.end('SIGKILL');
    await drill.start();
    ms = await drill.converged();
  });
  tell(`controller killed at "${step}"`, losses, ms);
  expectNothingLost(losses);
}

/** Kills a process while the controller is stopped at the step, so that the controller notices it only afterwards. */
async function killAt(
  drill: Drill,
  points: FaultPoints,
  step: Step,
  victim: () => { pid: number; startTime: number } | undefined,
): Promise<void> {
  points.arm(step, 'hold');
  drill.publish();
  await points.reached();
  const dying = victim();
  if (dying === undefined) throw new Error('NGINX does not run');
  process.kill(dying.pid, 'SIGKILL');
  await gone(dying);
  points.release();
}

/** A worker is killed. Only its open requests are lost, at most one for each connection. */
export async function killWorker(drill: Drill, points: FaultPoints, step: Step): Promise<void> {
  const { instance } = drill;
  let ms = 0;
  await prepare(drill, step);
  const losses = await drill.under(async () => {
    await killAt(drill, points, step, () => workersOf(masterOf(instance.runDir)?.pid ?? 0)[0]);
    ms = await drill.converged();
  });
  tell(`worker killed at "${step}"`, losses, ms);
  expect(lostOf(losses)).toBeLessThanOrEqual(LANES);
  expect(losses.status5xx).toBe(0);
  await expectCalm(drill);
}

/**
 * The master is killed. Its workers run until the controller restarts NGINX; during the restart, connections are
 * refused.
 */
export async function killMaster(drill: Drill, points: FaultPoints, step: Step): Promise<void> {
  const { instance } = drill;
  let ms = 0;
  await prepare(drill, step);
  const losses = await drill.under(async () => {
    const old = masterOf(instance.runDir);
    await killAt(drill, points, step, () => old);
    // Until another master runs, the old workers respond, and would seem to match the manifests.
    await until('another master runs', () => (masterOf(instance.runDir) ?? old)?.pid !== old?.pid, 20_000);
    ms = await drill.converged();
  });
  tell(`master killed at "${step}"`, losses, ms);
  expectOnlyRefused(losses);
  await expectCalm(drill);
}

/** Expects that no more requests are lost after the drill. */
async function expectCalm(drill: Drill): Promise<void> {
  const [site = ''] = drill.pods.keys();
  const losses = await drill.under(async () => {
    drill.changeEndpoints(site);
    drill.publish();
    await drill.answering();
  });
  expectNothingLost(losses);
}

/** Controller and master are killed together. The next controller finds workers without a master on its ports. */
export async function killBoth(drill: Drill): Promise<void> {
  const { instance } = drill;
  let ms = 0;
  const [site = ''] = drill.pods.keys();
  drill.changeEndpoints(site);
  await drill.foresee();
  const losses = await drill.under(async () => {
    const master = masterOf(instance.runDir);
    if (master === undefined) throw new Error('NGINX does not run');
    await instance.end('SIGKILL');
    process.kill(master.pid, 'SIGKILL');
    await gone(master);
    drill.publish();
    await drill.start();
    ms = await drill.converged();
  });
  tell('controller and master killed', losses, ms);
  expectOnlyRefused(losses);
}

/**
 * A size in bytes at which live.data is rewritten, because it is above 1 MiB and above twice the size of its content.
 */
const LONG_JOURNAL = 1_100_000;

/**
 * Restarts the controller with a live.data that has the same content in many more lines, because a key may be set
 * several times. The controller rewrites the file when it appends the next batch.
 */
export async function lengthenJournal(drill: Drill): Promise<void> {
  const { instance } = drill;
  await instance.end('SIGKILL');
  const path = join(instance.runDir, 'conf/live.data');
  const [first = '', begin = '', ...rest] = readFileSync(path, 'utf8').split('\n');
  const set = rest.find((line) => line.startsWith('set ')) ?? '';
  const more = Array.from({ length: Math.ceil(LONG_JOURNAL / set.length) }, () => set);
  writeFileSync(path, [first, begin, ...more, ...rest].join('\n'));
  await drill.start();
  expect(statSync(path).size).toBeGreaterThan(LONG_JOURNAL);
}
