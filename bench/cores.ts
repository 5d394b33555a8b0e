/** Which core a process runs on, and how long it was on one. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { execa } from 'execa';

/** Where the worker under test runs, alone. */
export const WORKER_CORE = '0';
/** Where clients and backends run. */
export const CLIENT_CORE = String(cpus().length - 1);

/** Pins all threads of a process; children that it forks later inherit it. */
export async function pin(pid: number, core: string): Promise<void> {
  await execa('taskset', ['-acp', core, String(pid)], { timeout: 10_000 });
}

/** Nanoseconds on a core so far, of the first thread (which is all of an NGINX process). */
export function cpuOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
}

/** A value of /proc/PID/smaps_rollup, in MiB. `Pss`: shared pages by halves, thirds …; `Private_Dirty`: what no other process shares, not even the one it was forked from. */
export function memoryOf(pid: number, field: 'Rss' | 'Pss' | 'Private_Dirty'): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) / 1024;
}
