/** Free TCP ports of this machine, each for one process: tests run concurrently, and bind later than they choose. */
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Outside the range that the kernel uses for outgoing connections, of which tests make thousands. */
const FIRST = 12_000;
const COUNT = 20_000;
/** Contains a file for each taken port: its name, and in it the pid. */
const FOLDER = join(tmpdir(), `tidegate-ports-${process.getuid?.() ?? ''}`);

const mine: string[] = [];

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/**
 * Takes a port for as long as this process lives; false if another process, or this one, already has it. A dead
 * process's port is released for the next caller.
 */
export function reserve(port: number, folder = FOLDER): boolean {
  const file = join(folder, String(port));
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch {
    // A half-written number is 0 or another process's: the file stays for now.
    const pid = Number(readOwner(file));
    if (pid > 1 && !isAlive(pid)) rmSync(file, { force: true });
    return false;
  }
  if (mine.length === 0) process.once('exit', () => mine.forEach((each) => rmSync(each, { force: true })));
  mine.push(file);
  return true;
}

function readOwner(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Whether nothing listens there. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '0.0.0.0');
  const free = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (!free) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** A port without a listener, which no other caller on this machine gets while this process lives. */
export async function freePort(): Promise<number> {
  for (let i = 0; i < 200; i += 1) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (reserve(port) && (await isFree(port))) return port;
  }
  throw new Error('no free port found in 200 tries');
}
