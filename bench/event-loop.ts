/**
 * Preloaded into a process (`--import`): writes the longest block of its event loop so far, in milliseconds, to the
 * file in TIDEGATE_BENCH_LOOP four times a second. A process cannot be asked from outside while its loop stands still.
 */
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const file = process.env['TIDEGATE_BENCH_LOOP'];
if (file !== undefined) {
  const resolution = 1;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  setInterval(() => writeFileSync(file, String(Math.max(0, delay.max / 1e6 - resolution))), 250).unref();
}
