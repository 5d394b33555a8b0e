/**
 * Allows one controller for each run directory: a lock file with pid and start time, taken over from a process that is
 * gone.
 */
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { formatIdentity, isAlive, parseIdentity, readProcess } from './process-identity.ts';
import type { RunPaths } from './run-dir.ts';

export interface Lock {
  release(): Promise<void>;
}

const TRIES = 5;

/** Takes the lock. Throws, naming the holder's pid and the run directory, if a live process holds it. */
export async function acquireLock(paths: RunPaths): Promise<Lock> {
  const self = readProcess(process.pid);
  if (self === undefined) throw new Error(`/proc/${process.pid}/stat cannot be read; Tidegate needs /proc`);
  const mine = formatIdentity(self);
  const draft = `${paths.lock}.${process.pid}`;
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      if (await tryLink(draft, paths.lock)) return { release: () => releaseLock(paths.lock, mine) };
      await clearStale(paths);
    }
    throw new Error(
      `run directory ${paths.root}: the lock ${paths.lock} keeps changing hands; use a separate directory for each controller`,
    );
  } finally {
    await rm(draft, { force: true });
  }
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

async function clearStale(paths: RunPaths): Promise<void> {
  const held = await readText(paths.lock);
  if (held === undefined) return;
  refuseLive(held, paths);
  // Moved aside and checked again: another controller may have taken over the stale lock in the meantime.
  const aside = `${paths.lock}.stale.${process.pid}`;
  try {
    await rename(paths.lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = await readText(aside);
  if (moved !== undefined && moved !== held) await tryLink(aside, paths.lock);
  await rm(aside, { force: true });
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
