/** Measures the memory of NGINX's workers and the size of their temporary files, which are unlinked when created. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { masterOf, workersOf } from '../../runner/processes.ts';

const MIB = 1024 * 1024;

export interface Cost {
  /** The proportional set size of all workers, in MiB. */
  readonly memory: number;
  /** The size of the workers' temporary files, in MiB. */
  readonly files: number;
}

/** The size of the file of a descriptor; 0 if the file is not a temporary file of NGINX, or has just been closed. */
function temporarySize(descriptor: string): number {
  try {
    return /\/temp_\w+\//.test(readlinkSync(descriptor)) ? statSync(descriptor).size : 0;
  } catch {
    return 0;
  }
}

function costOf(runDir: string): Cost {
  const master = masterOf(runDir);
  if (master === undefined) throw new Error('NGINX does not run');
  const folders = workersOf(master.pid).map(({ pid }) => `/proc/${pid}`);
  const memory = folders.map(
    (at) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`${at}/smaps_rollup`, 'utf8'))?.[1]) / 1024,
  );
  const files = folders.flatMap((at) => readdirSync(`${at}/fd`).map((fd) => temporarySize(`${at}/fd/${fd}`)));
  const sum = (list: readonly number[]): number => list.reduce((all, one) => all + one, 0);
  return { memory: sum(memory), files: sum(files) / MIB };
}

/** Runs a transfer, and returns the values before it and the largest values during it. */
export async function measure(runDir: string, transfer: () => Promise<void>): Promise<{ before: Cost; most: Cost }> {
  const before = costOf(runDir);
  let most = before;
  function look(): void {
    const now = costOf(runDir);
    most = { memory: Math.max(most.memory, now.memory), files: Math.max(most.files, now.files) };
  }
  const timer = setInterval(look, 50);
  try {
    await transfer();
  } finally {
    clearInterval(timer);
  }
  return { before, most };
}
