/**
 * `npm run page` builds the web page (ui/) with Vite to `ui/dist`, unless the page there was built from the same
 * sources. `npm start` and the bundle do this as well.
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

const ROOT = join(import.meta.dirname, '..');
const UI = join(ROOT, 'ui');
const DIST = join(UI, 'dist');
/** In `ui/dist`: what the page was built from, and what it contains. */
const STAMP = 'built.json';

/** What the page is built from, besides the versions of packages in package-lock.json. */
export const PAGE_SOURCES = ['ui/index.html', 'ui/vite.config.ts', 'ui/src'];

const MOST_ATTEMPTS = 20;

export interface BuiltPage {
  /** Hash of the sources. */
  readonly sources: string;
  /** Folders, below node_modules, of the npm packages in the page. */
  readonly packages: readonly string[];
  readonly bytes: number;
  readonly gzippedBytes: number;
}

function hashOfSources(): string {
  const hash = createHash('sha256');
  for (const path of [join(ROOT, 'package-lock.json'), import.meta.filename]) hash.update(readFileSync(path));
  for (const source of PAGE_SOURCES) {
    const path = join(ROOT, source);
    const files = statSync(path).isFile()
      ? [path]
      : readdirSync(path, { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.toSorted()) hash.update(`\n${relative(ROOT, file)}\n`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function lastBuilt(): BuiltPage | undefined {
  try {
    return JSON.parse(readFileSync(join(DIST, STAMP), 'utf8')) as BuiltPage;
  } catch {
    return undefined;
  }
}

/** The packages of modules, as folders relative to the root. */
function packagesOf(modules: readonly string[]): readonly string[] {
  const folders = modules.flatMap((id) => /node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []);
  return [...new Set(folders)].toSorted();
}

async function buildNow(sources: string): Promise<BuiltPage> {
  const { build } = await import('vite');
  // Two processes may build at the same time.
  const own = join(UI, `dist.${process.pid}`);
  // Vite takes the kind of build from this variable, and vitest sets it to `test`.
  const { NODE_ENV: before } = process.env;
  process.env['NODE_ENV'] = 'production';
  try {
    const output = await build({
      root: UI,
      configFile: join(UI, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: own, emptyOutDir: true },
    });
    if (!('output' in output)) throw new Error('vite returned no output');
    const modules = output.output.flatMap((each) => (each.type === 'chunk' ? each.moduleIds : []));
    const files = readdirSync(own, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const bodies = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name)));
    const built = {
      sources,
      packages: packagesOf(modules),
      bytes: bodies.reduce((sum, { length }) => sum + length, 0),
      gzippedBytes: bodies.reduce((sum, body) => sum + gzipSync(body).length, 0),
    };
    writeFileSync(join(own, STAMP), `${JSON.stringify(built, null, 1)}\n`);
    install(own);
    return built;
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
    rmSync(own, { recursive: true, force: true });
  }
}

/** Replaces `ui/dist`. Another process that does so at the same time has built the same page. */
function install(own: string): void {
  const former = `${own}.former`;
  try {
    renameSync(DIST, former);
  } catch {
    // There is no page yet, or another process has just moved it.
  }
  try {
    renameSync(own, DIST);
  } catch (error) {
    if (lastBuilt() === undefined) throw error;
  }
  rmSync(former, { recursive: true, force: true });
}

/** Builds the page if its sources have changed. `begin` is called before a build. */
export async function buildPage(begin: () => void = () => undefined): Promise<BuiltPage> {
  const sources = hashOfSources();
  const last = lastBuilt();
  if (last?.sources === sources) return last;
  begin();
  return buildNow(sources);
}

/** Copies the built page to `<folder>/ui/dist`, where the controller of a bundle looks for it. */
export async function copyPage(folder: string): Promise<BuiltPage> {
  const built = await buildPage();
  const copy = join(folder, 'ui/dist');
  mkdirSync(join(folder, 'ui'), { recursive: true });
  for (let attempts = 0; ; attempts += 1) {
    try {
      cpSync(DIST, copy, { recursive: true });
      if (existsSync(join(copy, STAMP))) return built;
    } catch (error) {
      // Another process may be replacing the page.
      if (attempts === MOST_ATTEMPTS) throw error;
    }
    rmSync(copy, { recursive: true, force: true });
    await setTimeout(100);
  }
}

/** `98 KB (34 KB gzipped)` */
export function sizeText({ bytes, gzippedBytes }: BuiltPage): string {
  const kilobytes = (size: number) => `${Math.round(size / 1000)} KB`;
  return `${kilobytes(bytes)} (${kilobytes(gzippedBytes)} gzipped)`;
}

if (import.meta.main) console.log(`ui/dist: ${sizeText(await buildPage())}`);
