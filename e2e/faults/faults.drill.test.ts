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

it('survives a controller that is killed between rename and SIGHUP', () =>
  killController(drill, points, 'conf: renamed'));
it('survives a worker that is killed during a reload', () => killWorker(drill, points, 'reload: SIGHUP sent'));
it('restarts an NGINX whose master is killed and whose workers still run', () =>
  killMaster(drill, points, 'journal: batch appended'));
it('survives a full disk', () =>
  sitOutNoWriting(
    drill,
    'disk full',
    'ENOSPC',
    () => points.failWrites({ code: 'ENOSPC', below: drill.instance.runDir }),
    () => points.failWrites(undefined),
  ));
it('restarts with a truncated journal', () => comeBackToDamage(drill, 'live.data', 'truncated'));
it('serves endpoints while nginx -t hangs', () => hangInTest(drill, wrapper, 'nginx -t hangs', () => sleep(500)));
it('restarts an NGINX that dies at each start after longer and longer pauses', () => dieInStart(drill, wrapper, 2));
it('repeats a delta that was cut in the middle', () => disturbDeltas(drill, 'cut-request', 1));
it('is not affected by a clock that jumps', () => jumpClock(drill, points, [-24 * 3_600_000]));
it('refuses a second controller on its run directory', () => refuseSecond(drill));
