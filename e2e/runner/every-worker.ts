/** Opens a keepalive connection to every worker. /proc shows which process has the other end of a TCP connection. */
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { openConnection } from '../client/connection.ts';
import type { Connection, Target } from '../client/connection.ts';
import { isDraining, masterOf, workersOf } from './processes.ts';

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/** The inode of the server's socket of a loopback connection, from /proc/net/tcp. */
function inodeOf(serverPort: number, clientPort: number): string | undefined {
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, local = '', remote = '', , , , , , , inode] = line.trim().split(/\s+/);
    if (local.endsWith(`:${hex(serverPort)}`) && remote.endsWith(`:${hex(clientPort)}`)) return inode;
  }
  return undefined;
}

function holds(pid: number, inode: string): boolean {
  return readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`) === `socket:[${inode}]`;
    } catch {
      return false;
    }
  });
}

/** Connects once; returns undefined if another worker accepted the connection although that worker was stopped. */
async function attempt(worker: number, target: Target): Promise<Connection | undefined> {
  const connection = openConnection(target, true);
  const exchange = await connection.request(target, 500);
  const inode = inodeOf(target.port, connection.localPort);
  if (exchange.kind === 'answer' && inode !== undefined && holds(worker, inode)) return connection;
  connection.close();
  return undefined;
}

/** Stops all other workers, so that this worker accepts the connection. */
async function connectTo(worker: number, others: readonly number[], target: Target): Promise<Connection> {
  for (const pid of others) process.kill(pid, 'SIGSTOP');
  try {
    for (let i = 0; i < 20; i += 1) {
      const connection = await attempt(worker, target);
      if (connection !== undefined) return connection;
    }
    throw new Error(`worker ${worker} accepted none of 20 connections`);
  } finally {
    for (const pid of others) process.kill(pid, 'SIGCONT');
  }
}

/** One keepalive connection to each worker. The open sockets of the worker prove that the connection is its own. */
export async function connectToEveryWorker(runDir: string, target: Target): Promise<Map<number, Connection>> {
  const master = masterOf(runDir);
  const workers =
    master === undefined
      ? []
      : workersOf(master.pid)
          .map(({ pid }) => pid)
          .filter((pid) => !isDraining(pid));
  const connections = new Map<number, Connection>();
  for (const worker of workers) {
    const others = workers.filter((pid) => pid !== worker);
    connections.set(worker, await connectTo(worker, others, target));
  }
  if (connections.size === 0) throw new Error(`no workers run on ${runDir}`);
  return connections;
}
