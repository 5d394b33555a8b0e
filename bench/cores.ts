/** Which core a process runs on, and its CPU time. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { execa } from 'execa';

/** The core of the worker under test, for it alone. */
export const WORKER_CORE = '0';
/** The core of clients and backends. */
export const CLIENT_CORE = String(cpus().length - 1);

/** Pins all threads of a process; children that it forks later inherit the setting. */
export async function pin(pid: number, core: string): Promise<void> {
  await execa('taskset', ['-acp', core, String(pid)], { timeout: 10_000 });
}

/** CPU time so far in nanoseconds, of the first thread (an NGINX process has only one). */
export function cpuOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
}

/**
 * A value of /proc/PID/smaps_rollup, in MiB. `Pss`: shared pages count as halves, thirds …; `Private_Dirty`: pages that no
 * other process shares, not even its parent.
 */
export function memoryOf(pid: number, field: 'Rss' | 'Pss' | 'Private_Dirty'): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) / 1024;
}
