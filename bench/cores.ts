/** Pins processes to cores, and reads their CPU time and memory. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { execa } from 'execa';

/** The core that is reserved for the worker under test. */
export const WORKER_CORE = '0';
/** The core on which clients and backends run. */
export const CLIENT_CORE = String(cpus().length - 1);

/** Pins all threads of a process; children that it forks later inherit the setting. */
export async function pin(pid: number, core: string): Promise<void> {
  await execa('taskset', ['-acp', core, String(pid)], { timeout: 10_000 });
}

/** CPU time of a process's first thread so far, in nanoseconds. An NGINX process has only one thread. */
export function cpuOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]);
}

/**
 * A value of /proc/PID/smaps_rollup, in MiB. In `Pss`, a page that N processes share counts as 1/N of a page.
 * `Private_Dirty` counts modified pages that the process shares with no other process, not even with its parent.
 */
export function memoryOf(pid: number, field: 'Rss' | 'Pss' | 'Private_Dirty'): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) / 1024;
}
