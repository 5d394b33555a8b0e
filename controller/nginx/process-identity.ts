/** Identifies a process by its pid and its start time. The pid alone is not enough, because the kernel reuses pids. */
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: when the process started, in clock ticks after boot. */
  readonly startTime: string;
}

export interface ProcessEntry extends ProcessIdentity {
  /** Name of the executable, at most 15 characters. */
  readonly comm: string;
}

/**
 * Whether a pid addresses exactly one other process that may be NGINX's master. For kill(2), 0 and negative numbers
 * address process groups, and NaN becomes 0. Pid 1 is never NGINX's master here.
 */
export function isSignalablePid(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 1 && pid !== process.pid;
}

/** Reads /proc. Returns undefined if no process has this pid, or if the process is a zombie. */
export function readProcess(pid: number): ProcessEntry | undefined {
  if (!Number.isSafeInteger(pid) || pid < 1) return undefined;
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name is in parentheses and may itself contain spaces and parentheses. The fields after it contain neither.
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  const fields = stat.slice(close + 2).split(' ');
  const state = fields[0];
  const startTime = fields[19];
  if (startTime === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid, startTime, comm: stat.slice(open + 1, close) };
}

/** Whether this process still runs. Another process that reuses its pid does not count. */
export function isAlive(identity: ProcessIdentity): boolean {
  return readProcess(identity.pid)?.startTime === identity.startTime;
}

/**
 * Parses `pid starttime`, the format of `<run>/run/master` and of the lock file. Returns undefined for any other text.
 */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const match = /^([1-9][0-9]{0,9}) ([0-9]{1,20})\s*$/.exec(text);
  if (match === null) return undefined;
  return { pid: Number(match[1]), startTime: match[2] ?? '' };
}

export function formatIdentity(identity: ProcessIdentity): string {
  return `${identity.pid} ${identity.startTime}\n`;
}
