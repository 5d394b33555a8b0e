/** A wall clock that jumps: nothing may depend on it. */
import { until } from '../runner/instance.ts';
import { expectNothingLost, tell } from './drill.ts';
import type { Drill } from './drill.ts';
import type { FaultPoints } from './fault-points.ts';

/** The controller's clock jumps to each of these offsets, in milliseconds; changes follow each jump. */
export async function jumpClock(drill: Drill, points: FaultPoints, shifts: readonly number[]): Promise<void> {
  for (const shift of shifts) {
    let converged = 0;
    await drill.stageBoth();
    const losses = await drill.under(async () => {
      points.shiftClock(shift);
      await until('the clock jumped', () => points.clockShift() === shift);
      drill.publish();
      converged = await drill.converged();
    });
    tell(`clock at ${shift / 3_600_000} h`, losses, converged);
    expectNothingLost(losses);
  }
}
