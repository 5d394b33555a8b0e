/**
 * Reserves free TCP ports for a process, because tests run concurrently and listen on a port some time after choosing
 * it.
 */
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The first port. The ports are outside the range for outgoing connections, of which tests open thousands. */
const FIRST = 12_000;
const COUNT = 20_000;
/** Contains a file for each reserved port. The file's name is the port, and its content is the pid of the process. */
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
 * Reserves a port for as long as this process lives. Returns false if this or another process has already reserved the
 * port. If that process is dead, the port is released, so that the next call succeeds.
 */
export function reserve(port: number, folder = FOLDER): boolean {
  const file = join(folder, String(port));
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch {
    // A pid that is not completely written yet is empty or names another process. The file then stays until a later
    // call removes it.
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

/** Whether nothing listens on the port. */
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

/** A port that nothing listens on, and that no other caller on this machine gets while this process lives. */
export async function freePort(): Promise<number> {
  for (let i = 0; i < 200; i += 1) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (reserve(port) && (await isFree(port))) return port;
  }
  throw new Error('no free port found in 200 tries');
}
