/** A drill in which the controller's wall clock jumps. Nothing may depend on that clock. */
import { until } from '../runner/instance.ts';
import { expectNothingLost, tell } from './drill.ts';
import type { Drill } from './drill.ts';
import type { FaultPoints } from './fault-points.ts';

/** Sets the controller's clock to each of these offsets, in milliseconds, and changes the manifests after each jump. */
export async function jumpClock(drill: Drill, points: FaultPoints, shifts: readonly number[]): Promise<void> {
  for (const shift of shifts) {
    let converged = 0;
    await drill.stageBoth();
    const losses = await drill.under(async () => {
      points.shiftClock(shift);
      await until('the clock has jumped', () => points.clockShift() === shift);
      drill.publish();
      converged = await drill.converged();
    });
    tell(`clock at ${shift / 3_600_000} h`, losses, converged);
    expectNothingLost(losses);
  }
}
