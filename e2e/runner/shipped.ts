/** The controller's bundle, which is what users run. It is built once for each state of the sources. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PAGE_SOURCES } from '../../scripts/build-page.ts';
import { bundle, READ_FROM_DISK } from '../../scripts/bundle.ts';

const ROOT = join(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/tidegate-bundles');
const SOURCES = [
  ...READ_FROM_DISK,
  ...PAGE_SOURCES,
  'controller',
  'scripts/bundle.ts',
  'node_modules/.package-lock.json',
];

/** A hash of the names, sizes and modification times of all files that the bundle is built from. */
function stateOfSources(): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const path = join(ROOT, source);
    const files = statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((file) => join(path, file))
      : [path];
    for (const file of files.sort()) {
      const { size, mtimeMs } = statSync(file);
      hash.update(`${file} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function make(): Promise<string> {
  const state = stateOfSources();
  const folder = join(CACHE, state);
  const program = join(folder, 'bin/tidegate.js');
  if (existsSync(program)) return program;
  // Several test processes may build the bundle at the same time. All of them use the bundle that is ready first.
  const own = join(CACHE, `${state}.${process.pid}`);
  await bundle(own);
  for (const other of readdirSync(CACHE)) if (!other.startsWith(state)) rmSync(join(CACHE, other), { recursive: true });
  try {
    renameSync(own, folder);
  } catch (error) {
    if (!existsSync(program)) throw error;
    rmSync(own, { recursive: true });
  }
  return program;
}

let made: Promise<string> | undefined;

/** The path of the bundle's `bin/tidegate.js`. It works like the sources, and starts in half the time. */
export function shippedProgram(): Promise<string> {
  mkdirSync(CACHE, { recursive: true });
  made ??= make();
  return made;
}

/** Environment variables of a process that may write to Node's cache of compiled code for the bundle. */
export const COMPILED = { NODE_COMPILE_CACHE: join(CACHE, '../tidegate-compiled') };
