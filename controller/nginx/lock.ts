/**
 * Allows one controller for each run directory: a lock file with pid and start time, taken over from a process that is
 * gone.
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
/** Waiting for others who take the lock at this moment. */
const GUARD_TRIES = 100;
const GUARD_PAUSE_MS = 20;

/** Takes the lock. Throws, naming the holder's pid and the run directory, if a live process holds it. */
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
 * Only one process at a time looks whether the lock is stale and replaces it: between two of them, one could remove the lock
 * that the other has just taken. A socket of Linux's abstract namespace is released whenever its process ends. Without one (a
 * name that somebody keeps, another network namespace) taking a stale lock is a race again, of a few milliseconds.
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

/** link(2) atomically creates a file with content: it fails if the name exists. */
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
