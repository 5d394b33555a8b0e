/** NGINX seen from outside: /proc says which processes run and since when. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

export interface NginxProcess {
  readonly pid: number;
  /** Clock ticks after boot; together with the pid it identifies a process permanently. */
  readonly startTime: number;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Fields of /proc/PID/stat after the command, which is in parentheses and may contain anything. */
function statOf(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Start time of a process, or undefined if there is none (or only its zombie). */
export function startTimeOf(pid: number): number | undefined {
  const stat = statOf(pid);
  return stat === undefined || stat[0] === 'Z' ? undefined : Number(stat[19]);
}

/** The master of a run directory, if it runs. */
export function masterOf(runDir: string): NginxProcess | undefined {
  const [pid, startTime] = (read(`${runDir}/run/master`) ?? '').trim().split(/\s+/).map(Number);
  if (pid === undefined || startTime === undefined || !(pid > 1)) return undefined;
  return startTimeOf(pid) === startTime ? { pid, startTime } : undefined;
}

/** Worker processes of a master, including those that are shutting down. */
export function workersOf(master: number): NginxProcess[] {
  const children = (read(`/proc/${master}/task/${master}/children`) ?? '')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.flatMap((pid) => {
    const startTime = startTimeOf(pid);
    // A newly forked worker still has its master's title; it serves before it changes it.
    const worker = /(worker|master) process/.test(read(`/proc/${pid}/cmdline`) ?? '');
    return worker && startTime !== undefined ? [{ pid, startTime }] : [];
  });
}

/** True for a worker that is only finishing its requests: it accepts no more connections. */
export function isDraining(worker: number): boolean {
  return (read(`/proc/${worker}/cmdline`) ?? '').includes('shutting down');
}

/** Workers of a killed master have another parent, but still the marker that start.sh gave them. */
function bearsMarkerOf(pid: number, runDir: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/fd/8`).startsWith(`${runDir}/run/marker`);
  } catch {
    return false;
  }
}

/** Pids of all processes that name this directory in their command line, or are children of such a process. */
export function processesOf(runDir: string): number[] {
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const named = pids.filter(
    (pid) => (read(`/proc/${pid}/cmdline`) ?? '').includes(runDir) || bearsMarkerOf(pid, runDir),
  );
  const children = pids.filter((pid) => named.includes(Number(statOf(pid)?.[1])));
  return [...new Set([...named, ...children])].filter((pid) => startTimeOf(pid) !== undefined);
}
