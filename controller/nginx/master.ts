/**
 * NGINX's master process. Its pid and start time are read from `<run>/run/master`, and it is signalled only if the
 * process with that pid still has that start time.
 */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { linesSince, reloadGivenUp } from './error-log.ts';
import { isAlive, isSignalablePid, parseIdentity, readProcess } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import type { MasterControl } from './reload.ts';

/**
 * The master that the start command recorded in `file`; undefined if it does not run or the record cannot be trusted.
 */
export function readMaster(file: string): ProcessIdentity | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const noted = parseIdentity(text);
  if (noted === undefined || !isSignalablePid(noted.pid)) return undefined;
  const found = readProcess(noted.pid);
  if (found === undefined || found.startTime !== noted.startTime || found.comm !== 'nginx') return undefined;
  return noted;
}

/**
 * Sends a signal to the master. Returns false if the master has ended. Throws if the pid could address anything except
 * one other process.
 */
export function signalMaster(master: ProcessIdentity, signal: 'SIGHUP' | 'SIGQUIT' | 'SIGTERM'): boolean {
  if (!isSignalablePid(master.pid)) {
    throw new Error(
      `refusing to send ${signal} to pid ${String(master.pid)}: expected the pid of NGINX's master, such as 4711`,
    );
  }
  if (!isAlive(master)) return false;
  try {
    process.kill(master.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Waits until the process has ended. Returns false if it still runs after `ms` milliseconds. */
export async function waitForEnd(master: ProcessIdentity, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (isAlive(master)) {
    if (performance.now() >= deadline) return false;
    await setTimeout(20);
  }
  return true;
}

/**
 * Controls a master on the same machine: sends it signals, and reads its error log. `announce` is called before a
 * reload, which does not fail if `announce` does.
 */
export function ownMaster(master: ProcessIdentity, errorLog: string, announce: () => Promise<unknown>): MasterControl {
  return {
    async reload() {
      await announce();
      return signalMaster(master, 'SIGHUP') ? undefined : 'its master process has ended';
    },
    async givenUp(mark) {
      if (!isAlive(master)) return 'its master process has ended';
      return reloadGivenUp(await linesSince(errorLog, mark), master.pid);
    },
  };
}
