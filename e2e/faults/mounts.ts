/** Mounts file systems that are full or read-only. Needs root. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

function mount(...args: string[]): void {
  execFileSync('mount', args);
}

/** Mounts an empty file system of this many megabytes at `path`. */
export function mountSmall(path: string, megabytes: number): void {
  mkdirSync(path, { recursive: true });
  mount('-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0755`, 'tmpfs', path);
}

/**
 * Makes `path` read-only until `unmount` is called. Files that are already open for writing stay writable.
 */
export function mountReadOnly(path: string): void {
  mount('--bind', path, path);
  mount('-o', 'remount,bind,ro', path);
}

/** Unmounts the topmost file system at `path`. Its open files stay usable until they are closed. */
export function unmount(path: string): void {
  execFileSync('umount', ['--lazy', path]);
}

/** Writes a file until the file system of `folder` is full. Returns a function that removes the file. */
export function fill(folder: string): () => void {
  const path = join(folder, 'ballast');
  const file = openSync(path, 'w');
  try {
    for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 2)) writeUntilFull(file, size);
  } finally {
    closeSync(file);
  }
  return () => rmSync(path);
}

function writeUntilFull(file: number, size: number): void {
  const piece = Buffer.alloc(size);
  try {
    for (;;) if (writeSync(file, piece) < size) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
