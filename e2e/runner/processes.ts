/** The processes of NGINX, with their start times, from /proc. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

export interface NginxProcess {
  readonly pid: number;
  /** Clock ticks after boot. A pid can be used again, but pid and start time together identify a process. */
  readonly startTime: number;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * The fields of /proc/PID/stat that follow the command. The command is in parentheses and may contain any character.
 */
function statOf(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** The start time of a process, or undefined if the process does not exist or is a zombie. */
export function startTimeOf(pid: number): number | undefined {
  const stat = statOf(pid);
  return stat === undefined || stat[0] === 'Z' ? undefined : Number(stat[19]);
}

/** The NGINX master of a run directory, or undefined if it does not run. */
export function masterOf(runDir: string): NginxProcess | undefined {
  const [pid, startTime] = (read(`${runDir}/run/master`) ?? '').trim().split(/\s+/).map(Number);
  if (pid === undefined || startTime === undefined || !(pid > 1)) return undefined;
  return startTimeOf(pid) === startTime ? { pid, startTime } : undefined;
}

/** The workers of a master, including workers that are shutting down. */
export function workersOf(master: number): NginxProcess[] {
  const children = (read(`/proc/${master}/task/${master}/children`) ?? '')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return children.flatMap((pid) => {
    const startTime = startTimeOf(pid);
    // A newly forked worker still has the process title of its master, and may already serve requests.
    const worker = /(worker|master) process/.test(read(`/proc/${pid}/cmdline`) ?? '');
    return worker && startTime !== undefined ? [{ pid, startTime }] : [];
  });
}

/** Whether a worker is shutting down: it finishes its requests and accepts no more connections. */
export function isDraining(worker: number): boolean {
  return (read(`/proc/${worker}/cmdline`) ?? '').includes('shutting down');
}

/** Whether a process has inherited the marker file that start.sh opens. Workers of a killed master have it, too. */
function bearsMarkerOf(pid: number, runDir: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/fd/8`).startsWith(`${runDir}/run/marker`);
  } catch {
    return false;
  }
}

/**
 * The pids of all processes that have this run directory in their command line or have inherited its marker file, and
 * of their children.
 */
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
