/** Inspects processes, for specs. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** Pids of the children of `master`, which are NGINX's workers. */
export function workersOf(master: number): readonly number[] {
  let children: string;
  try {
    children = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8');
  } catch {
    return [];
  }
  return children.split(' ').filter(Boolean).map(Number);
}

/** Whether there is a process `pid` that is not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Sends SIGKILL to a process, unless it has ended already. */
export function killProcess(pid: number): void {
  if (pid > 1 && isAlive(pid)) process.kill(pid, 'SIGKILL');
}

/** Pids of all processes that start.sh started on `run`, including workers whose master has ended. */
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
