/** Inspects processes, for specs. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** Pids of the living children of `master` that are workers of NGINX. */
export function workersOf(master: number): readonly number[] {
  let children: string;
  try {
    children = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8');
  } catch {
    return [];
  }
  return children.split(' ').filter(Boolean).map(Number);
}

/** Is there a process `pid` that is not a zombie? */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Sends SIGKILL; a process that is already gone is fine. */
export function killProcess(pid: number): void {
  if (pid > 1 && isAlive(pid)) process.kill(pid, 'SIGKILL');
}

/** Pids of all processes that start.sh started on `run`, including those whose master is gone. */
export function startedOn(run: string): readonly number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  return pids.filter((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/8`) === `${run}/run/marker`;
    } catch {
      return false;
    }
  });
}
