/**
 * Allows only one controller for each run directory. The lock file contains the pid and start time of its process; if
 * that process has ended, another controller takes over the lock.
 */
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { link, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { formatIdentity, isAlive, parseIdentity, readProcess } from './process-identity.ts';
import type { RunPaths } from './run-dir.ts';

export interface Lock {
  release(): Promise<void>;
}

const TRIES = 5;
/** How often, and at what interval, the guard is tried while other processes acquire the lock. */
const GUARD_TRIES = 100;
const GUARD_PAUSE_MS = 20;

/** Acquires the lock. If a live process holds it, throws an error that names the pid and the run directory. */
export async function acquireLock(paths: RunPaths): Promise<Lock> {
  const self = readProcess(process.pid);
  if (self === undefined) throw new Error(`/proc/${process.pid}/stat cannot be read; Tidegate needs /proc`);
  const mine = formatIdentity(self);
  const guard = await enterGuard(paths);
  const draft = `${paths.lock}.${process.pid}`;
  try {
    await writeFile(draft, mine, { mode: 0o600 });
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      await removeStale(paths);
      if (await tryLink(draft, paths.lock)) return { release: () => releaseLock(paths.lock, mine) };
    }
    throw new Error(
      `run directory ${paths.root}: the lock ${paths.lock} keeps changing hands; use a separate directory for each controller`,
    );
  } finally {
    await rm(draft, { force: true });
    guard?.close();
  }
}

/**
 * Ensures that only one process at a time checks whether the lock is stale and replaces it. Otherwise, one process
 * could remove the lock that another has just acquired. The guard is a socket in Linux's abstract namespace, which is
 * released whenever its process ends. If the guard cannot be acquired (another process occupies its name), or does not
 * work (the other controller is in another network namespace), two controllers can replace a stale lock at once, within
 * a few milliseconds.
 */
async function enterGuard({ lock }: RunPaths): Promise<Server | undefined> {
  const name = `\0tidegate-lock-${hash('sha256', await realpath(dirname(lock))).slice(0, 32)}`;
  for (let attempt = 0; attempt < GUARD_TRIES; attempt += 1) {
    const server = createServer((socket) => socket.destroy());
    try {
      await once(server.listen(name), 'listening');
      return server;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return undefined;
      await setTimeout(GUARD_PAUSE_MS);
    }
  }
  return undefined;
}

/** Creates the lock file atomically together with its content: link(2) fails if the name exists. */
async function tryLink(draft: string, lock: string): Promise<boolean> {
  try {
    await link(draft, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeStale(paths: RunPaths): Promise<void> {
  const held = await readText(paths.lock);
  if (held === undefined) return;
  refuseLive(held, paths);
  await rm(paths.lock, { force: true });
}

function refuseLive(held: string, paths: RunPaths): void {
  const holder = parseIdentity(held);
  if (holder === undefined || !isAlive(holder)) return;
  throw new Error(
    `run directory ${paths.root} is in use by the controller with pid ${holder.pid}; stop it, or use another directory`,
  );
}

async function releaseLock(lock: string, mine: string): Promise<void> {
  if ((await readText(lock)) === mine) await rm(lock, { force: true });
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
