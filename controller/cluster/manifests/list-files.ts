/** Finds the manifest files in a list of paths. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join, normalize, resolve } from 'node:path';
import type { Stats } from 'node:fs';
import { errorText } from '../../types/error-text.ts';

export interface ListedFiles {
  /** Path → the result of `stat`, which follows links, sorted by path. A path begins as the user gave it. */
  readonly files: ReadonlyMap<string, Stats>;
  /** Given paths that do not exist. */
  readonly missing: readonly string[];
  /** Paths for which `stat` or reading the folder failed, and why. */
  readonly failed: readonly { readonly path: string; readonly message: string }[];
}

const EXTENSIONS = ['.yaml', '.yml', '.json'];

/**
 * Whether a file with this name is read if it is found in a folder. A file that the user names directly may have any
 * name.
 */
export function isManifestName(path: string): boolean {
  return EXTENSIONS.includes(extname(path).toLowerCase()) && !isHidden(path);
}

/**
 * Names with a leading dot are skipped. The folder `..data` of a mounted ConfigMap is read through the links beside it.
 */
export function isHidden(path: string): boolean {
  return basename(path).startsWith('.');
}

/**
 * Walks folders and follows links. A folder that is reached twice is read once. In a repository, folders with installed
 * packages are skipped.
 */
export async function listFiles(paths: readonly string[], repository = false): Promise<ListedFiles> {
  const found: [string, Stats][] = [];
  const missing: string[] = [];
  const failed: { path: string; message: string }[] = [];
  const seen = new Set<string>();

  async function walk(folder: string): Promise<void> {
    const real = await realpath(folder);
    if (seen.has(real)) return;
    seen.add(real);
    for (const name of (await readdir(folder)).sort()) {
      if (!isHidden(name) && !(repository && name === 'node_modules')) await visit(join(folder, name));
    }
  }

  async function visit(path: string): Promise<void> {
    try {
      const stats = await stat(path);
      if (stats.isDirectory()) await walk(path);
      else if (stats.isFile() && isManifestName(path)) found.push([path, stats]);
    } catch (error) {
      // The file was deleted after the listing, or is a dangling link.
      if (codeOf(error) !== 'ENOENT') failed.push({ path, message: errorText(error) });
    }
  }

  for (const path of paths) {
    const name = normalize(path);
    try {
      const stats = await stat(name);
      if (stats.isDirectory()) await walk(name);
      else if (!seen.has(resolve(name))) found.push([name, stats]);
      seen.add(resolve(name));
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) missing.push(path);
      else failed.push({ path: name, message: errorText(error) });
    }
  }
  return { files: new Map(found.sort(([a], [b]) => (a < b ? -1 : 1))), missing, failed };
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
