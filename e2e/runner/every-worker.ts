/** Kept connections to every single worker: /proc says which process holds the other end of a TCP connection. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { openConnection } from '../client/connection.ts';
import type { Connection, Target } from '../client/connection.ts';
import { masterOf, workersOf } from './processes.ts';

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/** Inode of the server's end of a loopback connection, from /proc/net/tcp. */
function inodeOf(serverPort: number, clientPort: number): string | undefined {
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, local = '', remote = '', , , , , , , inode] = line.trim().split(/\s+/);
    if (local.endsWith(`:${hex(serverPort)}`) && remote.endsWith(`:${hex(clientPort)}`)) return inode;
  }
  return undefined;
}

function holds(pid: number, inode: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`);
  } catch {
    return false;
  }
}

/** Pid of the worker that serves a connection. */
export function workerOf(runDir: string, serverPort: number, clientPort: number): number | undefined {
  const master = masterOf(runDir);
  const inode = inodeOf(serverPort, clientPort);
  if (master === undefined || inode === undefined) return undefined;
  return workersOf(master.pid).find(({ pid }) => holds(pid, inode))?.pid;
}

/**
 * One kept connection per worker. The kernel chooses who accepts, so connections are opened until every worker has
 * one; all are held meanwhile, which makes a busy worker less likely to be chosen again. Throws after 400 of them.
 */
export async function connectToEveryWorker(runDir: string, target: Target): Promise<Map<number, Connection>> {
  const master = masterOf(runDir);
  const wanted = master === undefined ? [] : workersOf(master.pid).map(({ pid }) => pid);
  const found = new Map<number, Connection>();
  const spare: Connection[] = [];
  for (let i = 0; i < 400 && found.size < wanted.length; i += 1) {
    const connection = openConnection(target, true);
    const exchange = await connection.request(target, 5000);
    const worker = workerOf(runDir, target.port, connection.localPort);
    if (exchange.kind === 'answer' && worker !== undefined && !found.has(worker)) found.set(worker, connection);
    else spare.push(connection);
  }
  for (const connection of spare) connection.close();
  if (found.size < wanted.length || wanted.length === 0)
    throw new Error(`reached ${found.size} of ${wanted.length} workers`);
  return found;
}
