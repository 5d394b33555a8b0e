/**
 * `npm run bundle`: the installation as a folder, `dist/`: the controller in one file (half the start time and memory of
 * the sources with their packages), and beside it what is read from disk. The image is a copy of it.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import type { Metafile, Plugin } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

/** What the controller, or a container's command, reads at run time. */
const READ_FROM_DISK = ['bin/tidegate.js', 'templates', 'nginx/lua', 'nginx/start.sh', 'package.json', 'LICENSE'];

/** Packages that are CommonJS call `require` for Node's own modules; an ES module has none. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Sources find files relative to themselves; in the bundle each still has the URL that it would have had in `dist/`. */
const urlOfSource: Plugin = {
  name: 'url-of-source',
  setup({ onLoad }) {
    onLoad({ filter: /\/controller\/.*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const other = /import\.meta\.(?!url\b)\w+/.exec(source)?.[0];
      if (other !== undefined)
        return { errors: [{ text: `${path}: ${other} means another place in the bundle; use import.meta.url` }] };
      const url = `new URL(${JSON.stringify(`./${relative(ROOT, path)}`)}, import.meta.url).href`;
      return { contents: source.replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
};

/** Folders of the packages that went into the bundle, below node_modules. */
function bundledPackages({ inputs }: Metafile): string[] {
  const folders = Object.keys(inputs).flatMap(
    (input) => /^node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
  );
  return [...new Set(folders)].sort();
}

/** Their licences ask that the text goes along. */
function licenceTexts(folders: readonly string[]): string {
  return folders
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as {
        name: string;
        version: string;
        license?: string;
      };
      const files = readdirSync(join(ROOT, folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file));
      const texts = files.map((file) => readFileSync(join(ROOT, folder, file), 'utf8').trim());
      return [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n');
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`);
}

/** Writes `dist/` anew; answers the size of the bundle in bytes. Throws what esbuild finds. */
export async function bundle(): Promise<number> {
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST);
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['controller/cli/main.ts'],
    outfile: join(DIST, 'tidegate.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: BANNER },
    plugins: [urlOfSource],
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  for (const path of READ_FROM_DISK) {
    if (!existsSync(join(ROOT, path))) throw new Error(`${path} belongs into the bundle's folder and does not exist`);
    cpSync(join(ROOT, path), join(DIST, path), { recursive: true });
  }
  writeFileSync(join(DIST, 'THIRD-PARTY-LICENSES'), `${licenceTexts(bundledPackages(metafile))}\n`);
  return Object.values(metafile.outputs)[0]?.bytes ?? 0;
}

if (import.meta.main) {
  const bytes = await bundle();
  console.log(`dist/tidegate.mjs: ${(bytes / 1e6).toFixed(2)} MB`);
}
