/** Looking at processes, for specs. */
import { readFileSync } from 'node:fs';

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

/** Is there a process `pid` that is no zombie? */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** SIGKILL; a process that is gone already is fine. */
export function killProcess(pid: number): void {
  if (pid > 1 && isAlive(pid)) process.kill(pid, 'SIGKILL');
}
