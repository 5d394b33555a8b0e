/** Measures one reload of an NGINX from outside. */
import { readFileSync } from 'node:fs';
import { requestOnce } from '../e2e/client/connection.ts';
import { workersOf } from '../e2e/runner/processes.ts';
import { cpuOf } from './cores.ts';

const GIVE_UP = 60_000;

/** The pid that a process has within its own PID namespace. */
function ownPidOf(pid: number): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return /^NSpid:.*?(\d+)$/m.exec(status)?.[1] ?? String(pid);
}

export interface Reload {
  /** Milliseconds from SIGHUP to the first answer of a new worker. */
  readonly ms: number;
  /** Milliseconds of CPU of the master, which reads nginx.conf and starts the workers. */
  readonly cpu: number;
}

/** Sends SIGHUP to a master, and polls `pidPort`, which answers with the worker's pid, until a new worker answers. */
export async function reload(master: number, pidPort: number): Promise<Reload> {
  const old = new Set(workersOf(master).map(({ pid }) => ownPidOf(pid)));
  const before = cpuOf(master);
  const from = performance.now();
  process.kill(master, 'SIGHUP');
  while (performance.now() - from < GIVE_UP) {
    const exchange = await requestOnce({ port: pidPort, host: 'a.test', path: '/' }, 5000);
    if (exchange.kind === 'answer' && !old.has(exchange.answer.body.toString())) {
      return { ms: performance.now() - from, cpu: (cpuOf(master) - before) / 1e6 };
    }
  }
  throw new Error(`no new worker answered within ${GIVE_UP} ms of SIGHUP to ${master}`);
}
