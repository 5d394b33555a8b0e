/** Identifies a process: its pid is not enough, because the kernel reuses pids. */
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: clock ticks after boot. */
  readonly startTime: string;
}

export interface ProcessEntry extends ProcessIdentity {
  /** Name of the executable, at most 15 characters. */
  readonly comm: string;
}

/** A pid that names one process. For kill(2), 0 and below mean process groups, NaN becomes 0, and 1 is never ours. */
export function isSignalablePid(pid: number): boolean {
  return Number.isSafeInteger(pid) && pid > 1 && pid !== process.pid;
}

/** Reads /proc; undefined for a pid that is gone, or that has ended and waits for its parent. */
export function readProcess(pid: number): ProcessEntry | undefined {
  if (!Number.isSafeInteger(pid) || pid < 1) return undefined;
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name is in parentheses and may itself contain spaces and parentheses; the fields after it are fixed.
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  const fields = stat.slice(close + 2).split(' ');
  const state = fields[0];
  const startTime = fields[19];
  if (startTime === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid, startTime, comm: stat.slice(open + 1, close) };
}

/** Is this same process still alive, and not another one with its pid? */
export function isAlive(identity: ProcessIdentity): boolean {
  return readProcess(identity.pid)?.startTime === identity.startTime;
}

/** `pid starttime`, the format of `<run>/run/master` and of the lock. Undefined for anything else. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const match = /^([1-9][0-9]{0,9}) ([0-9]{1,20})\s*$/.exec(text);
  if (match === null) return undefined;
  return { pid: Number(match[1]), startTime: match[2] ?? '' };
}

export function formatIdentity(identity: ProcessIdentity): string {
  return `${identity.pid} ${identity.startTime}\n`;
}
