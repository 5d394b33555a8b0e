/** Writes nginx.conf and the files that it names, each atomically. */
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunPaths } from './run-dir.ts';

/** Allowed names below `<run>/conf/files`. They cannot lead out of the folder, and need no quotes in nginx.conf. */
const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$/;

/**
 * Number of characters that are written at once. Encoding a large nginx.conf in one step would block the event loop.
 */
const PIECE = 1024 * 1024;

function* pieces(text: string): Iterable<string> {
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = at + PIECE;
    // Keeps both halves of a surrogate pair in the same piece.
    if (/[\ud800-\udbff]/.test(text.charAt(end - 1))) end += 1;
    yield text.slice(at, end);
  }
}

/**
 * Replaces a file atomically. The file is not synced to disk, because the run directory need not survive a crash of the
 * machine.
 */
export async function writeWhole(path: string, text: string | Buffer, mode = 0o600): Promise<void> {
  const draft = `${path}.new`;
  try {
    await writeFile(draft, typeof text === 'string' ? pieces(text) : text, { mode });
    await rename(draft, path);
  } catch (error) {
    // On a full disk, the half-written file would take up space that is needed elsewhere.
    await rm(draft, { force: true }).catch(() => undefined);
    throw error;
  }
}

/**
 * Password files are opened by the workers, so their group may read them. `prepareRunDir` gives the folder to the group
 * of the workers.
 */
function modeOf(name: string): number {
  return name.endsWith('.htpasswd') ? 0o640 : 0o600;
}

/**
 * The content of a file whose name ends in `.base64` is binary data, encoded in base64. The file gets the decoded
 * bytes.
 */
function bytesOf(name: string, content: string): Buffer {
  return Buffer.from(content, name.endsWith('.base64') ? 'base64' : 'utf8');
}

/** Writes the files, except for those that already exist with this content. Throws if a name is not allowed. */
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

/** Restores a file to the content that `readText` returned before. */
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

/** Removes temporary files of a controller that was killed while it wrote or tested a configuration. */
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
