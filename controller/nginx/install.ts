/** Writes nginx.conf and the files it names; each appears complete under its name, or not at all. */
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunPaths } from './run-dir.ts';

/** Allowed names below `<run>/conf/files`: they cannot leave the folder and need no quoting. */
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$/;

/** Characters that are written in one step: writing a large nginx.conf at once would block the event loop for long. */
const PIECE = 1024 * 1024;

function* pieces(text: string): Iterable<string> {
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = at + PIECE;
    // Keeps both halves of a surrogate pair in the same piece.
    if (/[\ud800-\udbff]/.test(text.charAt(end - 1))) end += 1;
    yield text.slice(at, end);
  }
}

/** Replaces a file atomically. Nothing is synced to disk: the run directory does not outlive the machine. */
export async function writeWhole(path: string, text: string | Buffer, mode = 0o600): Promise<void> {
  const draft = `${path}.new`;
  try {
    await writeFile(draft, typeof text === 'string' ? pieces(text) : text, { mode });
    await rename(draft, path);
  } catch (error) {
    // On a full disk, a half-written file would take the space that others need.
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Files that workers open themselves get the group of the folder, which is theirs (`prepareRunDir`). */
function modeOf(name: string): number {
  return name.endsWith('.htpasswd') ? 0o640 : 0o600;
}

/** If a name ends in this, its content is the base64 of what is written: bytes that are not text. */
function bytesOf(name: string, content: string): Buffer {
  return Buffer.from(content, name.endsWith('.base64') ? 'base64' : 'utf8');
}

/** Writes the files that do not exist yet. Throws on a name that is not a plain one. */
export async function writeFiles(paths: RunPaths, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, content] of files) {
    if (!FILE_NAME.test(name)) {
      throw new Error(
        `file name ${JSON.stringify(name)} for conf/files: expected letters, digits, _ . -, such as ca-0a1b2c3d.pem`,
      );
    }
    const path = join(paths.files, name);
    const bytes = bytesOf(name, content);
    if ((await readBytes(path))?.equals(bytes) !== true) await writeWhole(path, bytes, modeOf(name));
  }
}

/** Restores a file as `readText` found it. */
export async function putBack(path: string, former: string | undefined): Promise<void> {
  if (former === undefined) await rm(path, { force: true });
  else await writeWhole(path, former);
}

/** Removes the files that none of the configurations names. */
export async function pruneFiles(paths: RunPaths, configurations: readonly string[]): Promise<void> {
  for (const name of await readdir(paths.files)) {
    if (!configurations.some((conf) => conf.includes(name))) await rm(join(paths.files, name), { force: true });
  }
}

/** Removes what a controller left behind that was killed halfway. */
export async function removeLeftovers(paths: RunPaths): Promise<void> {
  for (const name of await readdir(paths.conf)) {
    if (/^candidate.*\.conf$|\.new$/.test(name)) await rm(join(paths.conf, name), { force: true });
  }
}

export async function readText(path: string): Promise<string | undefined> {
  return (await readBytes(path))?.toString('utf8');
}

async function readBytes(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
