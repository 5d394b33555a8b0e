/** A drill with two controllers in one run directory. */
import { expect } from 'vitest';
import { startInstance } from '../runner/instance.ts';
import { masterOf, workersOf } from '../runner/processes.ts';
import { readState } from '../runner/state.ts';
import { expectNothingLost, tell } from './drill.ts';
import type { Drill } from './drill.ts';

/** A second controller exits with a message that contains the first one's pid, and the first one is not affected. */
export async function refuseSecond(drill: Drill): Promise<void> {
  const { instance } = drill;
  const master = masterOf(instance.runDir);
  const workers = workersOf(master?.pid ?? 0);
  const { revision, digest } = await readState(instance.runDir);
  const [site = ''] = drill.pods.keys();
  let ms = 0;
  const losses = await drill.under(async () => {
    const second = await startInstance({}, { start: false, runDir: instance.runDir });
    try {
      await expect(second.start()).rejects.toThrow('the controller ended: 1');
      expect(second.lines.join('\n')).toMatch(
        new RegExp(`run directory ${instance.runDir} is in use by the controller with pid ${instance.pid}`),
      );
    } finally {
      await second.dispose();
    }
    const after = await readState(instance.runDir);
    expect([after.revision, after.digest]).toEqual([revision, digest]);
    expect(workersOf(master?.pid ?? 0)).toEqual(workers);
    drill.changeEndpoints(site);
    drill.addHost();
    await drill.foresee();
    drill.publish();
    ms = await drill.converged();
  });
  tell('second controller on the run directory', losses, ms);
  expectNothingLost(losses);
}
