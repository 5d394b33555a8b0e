/**
 * Preloaded into a process (`--import`): writes the longest blocks of its event loop so far to the file in
 * TIDEGATE_BENCH_LOOP, as JSON, four times a second. A process cannot be asked while its loop stands still.
 */
import { writeFileSync } from 'node:fs';

export interface Block {
  readonly ms: number;
  /** Seconds after the start of the process at which it ended. */
  readonly until: number;
}

const KEPT = 5;
const file = process.env['TIDEGATE_BENCH_LOOP'];
if (file !== undefined) {
  let blocks: Block[] = [];
  let last = performance.now();
  setInterval(() => {
    const now = performance.now();
    // A timer of 1 ms is late by the length of whatever held the loop.
    const ms = now - last - 1;
    last = now;
    if (ms > 5) blocks = [...blocks, { ms, until: now / 1000 }].sort((a, b) => b.ms - a.ms).slice(0, KEPT);
  }, 1).unref();
  setInterval(() => writeFileSync(file, JSON.stringify(blocks)), 250).unref();
}
