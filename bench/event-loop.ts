/**
 * Preloaded into a process (`--import`): writes the longest blocks of its event loop so far to the file in
 * TIDEGATE_BENCH_LOOP, as JSON, four times a second. A process cannot answer while its loop is blocked. The preloaded
 * text is the one returned by `preload`: stripping types itself would add 25 MB to a process's memory.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';

export interface Block {
  /** By the clock; other work on the machine makes it longer. */
  readonly ms: number;
  /** Of the thread itself, user and system. */
  readonly cpuMs: number;
  /** Seconds after the start of the process at which it ended. */
  readonly until: number;
}

export interface Blocks {
  /** How many took more than 5 ms of the thread's own time. */
  readonly count: number;
  readonly longest: readonly Block[];
}

/** This file as JavaScript. */
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
    // A timer of 1 ms is late by the duration of whatever blocked the loop.
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
