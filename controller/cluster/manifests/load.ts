/** Reads files. The one-shot commands, the watcher and the converter share this code. */
import { open, readFile } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { errorText } from '../../types/error-text.ts';
import type { Problem } from '../../types/problem.ts';
import { codeOf } from './list-files.ts';
import type { ListedFiles } from './list-files.ts';
import { MAX_FILE_BYTES, readFileContent, refuseFile, refuseLargeFile, skippedFile } from './read-file.ts';
import type { FileContent, FileRules } from './read-file.ts';
import { looksLikeObject } from './set-aside.ts';

/**
 * Returns the bytes of a file of at most `most` bytes, a FileContent with a Problem if the file cannot be read, or `gone` if
 * it does not exist.
 */
export async function loadBytes(
  file: string,
  stats: Stats,
  most = MAX_FILE_BYTES,
): Promise<Buffer | FileContent | 'gone'> {
  if (stats.size > most) return refuseLargeFile(file, stats.size, most);
  try {
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'gone';
    return refuseFile(file, 'unreadable-file', `the file cannot be read: ${errorText(error)}`);
  }
}

/** How much of a file that is too large is read, to see whether it is a manifest. */
const BEGINNING = 64 * 1024;

/** Whether the file is too large to be read, and does not begin like a manifest. */
async function isLargeForeign(file: string, refused: FileContent | 'gone' | undefined): Promise<boolean> {
  if (typeof refused !== 'object' || refused.problems[0]?.code !== 'file-too-large') return false;
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING));
    return !looksLikeObject(buffer.toString('latin1', 0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** How many files are read at the same time. */
const AT_ONCE = 32;

/** Reads and parses many files, in order. Files that were deleted in the meantime are left out. */
export async function loadFiles(files: ReadonlyMap<string, Stats>, rules: FileRules = {}): Promise<FileContent[]> {
  const all = [...files];
  const contents: FileContent[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const slice = all.slice(at, at + AT_ONCE);
    const read = await Promise.all(slice.map(([file, stats]) => loadBytes(file, stats, rules.most)));
    // Files are parsed one after the other, because in parallel their slices of time would add up.
    for (const [index, [file]] of slice.entries()) {
      const bytes = read[index];
      if (Buffer.isBuffer(bytes)) contents.push(await readFileContent(file, bytes, undefined, rules));
      else if (rules.repository === true && (await isLargeForeign(file, bytes)))
        contents.push(skippedFile(file, 'foreign'));
      else if (bytes !== undefined && bytes !== 'gone') contents.push(bytes);
    }
  }
  return contents;
}

/** Problems of the given paths. `path-not-found` counts as a usage error. */
export function listingProblems({ missing, failed }: Pick<ListedFiles, 'missing' | 'failed'>): Problem[] {
  return [
    ...missing.map((path): Problem => {
      const message = `${path} does not exist; give a manifest or a folder of manifests`;
      return { code: 'path-not-found', severity: 'error', effect: 'none', message, value: path, example: 'examples/' };
    }),
    ...failed.map(({ path, message }): Problem => {
      return {
        code: 'unreadable-path',
        severity: 'error',
        effect: 'object-ignored',
        message: `${path} cannot be read: ${message}`,
        value: path,
      };
    }),
  ];
}
