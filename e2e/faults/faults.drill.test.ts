/** One drill of each kind, all on one instance. The `.full.test.ts` files in this folder have all drills. */
import { afterAll, beforeAll, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { jumpClock } from './clock.ts';
import { comeBackToDamage, sitOutNoWriting } from './disk.ts';
import { SETTINGS, startDrill } from './drill.ts';
import type { Drill } from './drill.ts';
import { dieInStart, hangInTest } from './failing-nginx.ts';
import { createFaultPoints } from './fault-points.ts';
import type { FaultPoints } from './fault-points.ts';
import { killController, killMaster, killWorker } from './kills.ts';
import { disturbDeltas } from './live.ts';
import { refuseSecond } from './rivals.ts';
import { createWrapper } from './wrapper.ts';
import type { Wrapper } from './wrapper.ts';

let backends: Backends;
let points: FaultPoints;
let wrapper: Wrapper;
let drill: Drill;

beforeAll(async () => {
  backends = await startBackends();
  points = createFaultPoints();
  wrapper = createWrapper();
  drill = await startDrill('fs', backends, { env: { ...points.env, ...wrapper.env }, files: SETTINGS });
}, 60_000);

afterAll(async () => {
  await drill?.dispose();
  points?.dispose();
  wrapper?.dispose();
  await backends?.stop();
});

it('changes take effect after the controller was killed between the rename of nginx.conf and SIGHUP', () =>
  killController(drill, points, 'conf: renamed'));
it('changes take effect after a worker was killed during a reload', () =>
  killWorker(drill, points, 'reload: SIGHUP sent'));
it('the controller restarts an NGINX whose master was killed while its workers still run', () =>
  killMaster(drill, points, 'journal: batch appended'));
it('changes take effect after the disk was full', () =>
  sitOutNoWriting(
    drill,
    'disk full',
    'ENOSPC',
    () => points.failWrites({ code: 'ENOSPC', below: drill.instance.runDir }),
    () => points.failWrites(undefined),
  ));
it('the controller restarts with a truncated live.data', () => comeBackToDamage(drill, 'live.data', 'truncated'));
it('endpoints are sent while nginx -t hangs', () => hangInTest(drill, wrapper, 'nginx -t hangs', () => sleep(500)));
it('the controller restarts an NGINX that exits at each start, after longer and longer pauses', () =>
  dieInStart(drill, wrapper, 2));
it('the controller repeats a delta whose connection was cut', () => disturbDeltas(drill, 'cut-request', 1));
it('the controller is not affected by a clock that jumps', () => jumpClock(drill, points, [-24 * 3_600_000]));
it('a second controller on the same run directory exits', () => refuseSecond(drill));
