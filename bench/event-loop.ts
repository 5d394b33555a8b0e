/**
 * Records how long the event loop of a process was blocked; a process cannot answer while its event loop is blocked.
 * Preloaded into the process with `--import`, this file writes the longest blocks so far as JSON to the file in
 * TIDEGATE_BENCH_LOOP, four times a second. Preload the JavaScript that `preload` returns, not this file: stripping the
 * types would add 25 MB to the memory of the process.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

export interface Block {
  /** Wall-clock milliseconds, which other work on the machine increases. */
  readonly ms: number;
  /** CPU milliseconds of the thread, user and system. */
  readonly cpuMs: number;
  /** The end of the block, in seconds after the start of the process. */
  readonly until: number;
}

export interface Blocks {
  /** The number of blocks of more than 5 ms, both by the clock and in CPU time. */
  readonly count: number;
  readonly longest: readonly Block[];
}

/** Returns this file as JavaScript. */
export function preload(): string {
  return stripTypeScriptTypes(readFileSync(import.meta.filename, 'utf8'));
}

const KEPT = 5;
const LONG_MS = 5;

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function record(file: string): void {
  let count = 0;
  let longest: Block[] = [];
  let last = { at: performance.now(), cpu: cpuMs() };
  setInterval(() => {
    const now = { at: performance.now(), cpu: cpuMs() };
    // A block of the event loop delays the timer of 1 ms by the duration of the block.
    const block = { ms: now.at - last.at - 1, cpuMs: now.cpu - last.cpu, until: now.at / 1000 };
    last = now;
    if (Math.min(block.ms, block.cpuMs) <= LONG_MS) return;
    count += 1;
    longest = [...longest, block].sort((a, b) => b.cpuMs - a.cpuMs).slice(0, KEPT);
  }, 1).unref();
  setInterval(() => writeFileSync(file, JSON.stringify({ count, longest })), 250).unref();
}

const given = process.env['TIDEGATE_BENCH_LOOP'];
if (given !== undefined) record(given);
