/** Kills the controller, a worker or the master at every step of applying a change. */
import { join } from 'node:path';
import { afterAll, beforeAll, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { jumpClock } from './clock.ts';
import { sitOutNoWriting } from './disk.ts';
import { startDrill } from './drill.ts';
import type { Drill } from './drill.ts';
import { createFaultPoints } from './fault-points.ts';
import type { FaultPoints } from './fault-points.ts';
import { killBoth, killController, killMaster, killWorker, lengthenJournal } from './kills.ts';
import { APPLY_STEPS, COMPACTION_STEPS, JOURNAL_STEPS } from './steps.ts';

let backends: Backends;
let points: FaultPoints;
let drill: Drill;

beforeAll(async () => {
  backends = await startBackends();
  points = createFaultPoints();
  drill = await startDrill('fk', backends, { env: points.env });
}, 60_000);

afterAll(async () => {
  await drill?.dispose();
  points?.dispose();
  await backends?.stop();
});

for (const step of [...APPLY_STEPS, ...JOURNAL_STEPS]) {
  it(
    `changes take effect after the controller was killed at "${step}"`,
    () => killController(drill, points, step),
    60_000,
  );
  it(`changes take effect after a worker was killed at "${step}"`, () => killWorker(drill, points, step), 60_000);
  it(`changes take effect after the master was killed at "${step}"`, () => killMaster(drill, points, step), 60_000);
}

it('changes take effect after the controller and the master were killed together', () => killBoth(drill), 60_000);

for (const step of COMPACTION_STEPS) {
  it(`changes take effect after the controller was killed at "${step}"`, async () => {
    await lengthenJournal(drill);
    await killController(drill, points, step);
  }, 60_000);
}

it(
  'changes take effect after the disk was full when nginx.conf was to be replaced',
  () =>
    sitOutNoWriting(
      drill,
      'disk full after nginx -t',
      'ENOSPC',
      () => points.failWrites({ code: 'ENOSPC', below: join(drill.instance.runDir, 'conf/nginx.conf') }),
      () => points.failWrites(undefined),
    ),
  60_000,
);

it(
  'changes take effect while the clock jumps a day ahead, two days back, and to the right time',
  () => jumpClock(drill, points, [24 * 3_600_000, -24 * 3_600_000, 0]),
  60_000,
);

it('after the grace period of removals, no live data of a removed host remains', async () => {
  const gone = drill.addHost();
  await drill.foresee();
  drill.publish();
  await drill.converged();
  drill.removeHost(gone);
  await drill.foresee();
  drill.publish();
  await drill.converged({ exact: true, timeout: 40_000 });
}, 90_000);
