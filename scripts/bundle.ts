/**
 * `npm run bundle` writes the installation to `dist/`: the controller as one file, which starts faster than the sources
 * with their packages, and the files that the controller reads at run time. The image contains a copy of `dist/`.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { build } from 'esbuild';
import type { Metafile, Plugin } from 'esbuild';
import { copyPage, sizeText } from './build-page.ts';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

/** Files that the controller, or the command of a container, reads at run time. */
export const READ_FROM_DISK = [
  'bin/tidegate.js',
  'templates',
  'nginx/lua',
  'nginx/stream',
  'nginx/start.sh',
  'package.json',
  'LICENSE',
];

/** CommonJS packages call `require` for Node's own modules, but an ES module has no `require`. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/**
 * Sources find files relative to their own URL (`import.meta.url`). In a bundle, each source is given the URL that it
 * would have as a separate file below `root`, a path relative to the bundle's folder.
 */
const sources = (root: string): Plugin => ({
  name: 'sources',
  setup({ onLoad }) {
    onLoad({ filter: /\/controller\/.*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const other = /import\.meta\.(?!url\b)\w+/.exec(source)?.[0];
      if (other !== undefined)
        return { errors: [{ text: `${path}: ${other} would be the path of the bundle; use import.meta.url` }] };
      const missing = missingExport(source);
      if (missing !== undefined) {
        return { errors: [{ text: `${path}: add ${missing} of ${CLIENT} to CLIENT_EXPORTS in scripts/bundle.ts` }] };
      }
      const url = `new URL(${JSON.stringify(`${root}/${relative(ROOT, path)}`)}, import.meta.url).href`;
      return { contents: source.replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
});

const CLIENT = '@kubernetes/client-node';
/**
 * The exports of @kubernetes/client-node that the controller uses at run time, each with the module of that package
 * that defines it.
 */
const CLIENT_EXPORTS: Readonly<Record<string, string>> = {
  KubeConfig: 'config.js',
  PortForward: 'portforward.js',
};
/**
 * The exports of the client's generated API that the modules of CLIENT_EXPORTS use, each with the module that defines
 * it.
 */
const API_EXPORTS: Readonly<Record<string, string>> = {
  createConfiguration: './configuration.js',
  ServerConfiguration: './servers.js',
};
/** Exports of the client's generated API that these modules name only in functions that are never called. */
const UNUSED_EXPORTS = ['AppsV1Api', 'CoreV1Api'];

/**
 * Makes an `import()` of the client return only CLIENT_EXPORTS. The package's two index modules import every API of
 * Kubernetes with its types (17 MB, and most of the time that bundling takes); this plugin replaces both with
 * re-exports of what is used.
 */
const smallClient: Plugin = {
  name: 'small-client',
  setup({ onLoad, onResolve }) {
    const folder = `${ROOT}/node_modules/${CLIENT}/dist`;
    onResolve({ filter: new RegExp(`^${CLIENT}$`) }, ({ path }) => ({ path, namespace: 'small-client' }));
    onLoad({ filter: /.*/, namespace: 'small-client' }, () => ({
      contents: reExport(CLIENT_EXPORTS, (module) => `${folder}/${module}`),
      resolveDir: ROOT,
    }));
    onLoad({ filter: new RegExp(`/${CLIENT}/dist/gen/index\\.js$`) }, () => ({
      contents: [
        reExport(API_EXPORTS, (module) => module),
        ...UNUSED_EXPORTS.map((name) => `export const ${name} = undefined;`),
      ].join('\n'),
      resolveDir: `${folder}/gen`,
    }));
  },
};

function reExport(names: Readonly<Record<string, string>>, pathOf: (module: string) => string): string {
  return Object.entries(names)
    .map(([name, module]) => `export { ${name} } from ${JSON.stringify(pathOf(module))};`)
    .join('\n');
}

/** Returns the first export of the client that the source uses and CLIENT_EXPORTS lacks, if there is one. */
function missingExport(source: string): string | undefined {
  const [, binding] = /(\w+) = await import\('@kubernetes\/client-node'\)/.exec(source) ?? [];
  if (binding === undefined) return undefined;
  const used = [...source.matchAll(new RegExp(`\\b${binding}\\.(\\w+)`, 'g'))].map(([, name = '']) => name);
  return used.find((name) => !(name in CLIENT_EXPORTS));
}

/** The folders, below node_modules, of the packages that the bundle contains. */
function bundledPackages({ inputs }: Metafile): string[] {
  const folders = Object.keys(inputs).flatMap(
    (input) => /^node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
  );
  return [...new Set(folders)].sort();
}

/** An npm package. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly license?: string;
  /** `sha512-` and the hash of the package in base64, from package-lock.json. */
  readonly integrity?: string;
}

/** Name of the file in `dist/` that lists the npm packages in the bundle. */
export const BUNDLED_PACKAGES = 'bundled-packages.json';

function readPackage(folder: string): BundledPackage {
  return JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as BundledPackage;
}

/** The packages in these folders, with their hashes. */
function listed(folders: readonly string[]): readonly BundledPackage[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Pick<BundledPackage, 'integrity'>>>;
  };
  return folders.map((folder) => {
    const { name, version, license } = readPackage(folder);
    const { integrity } = packages[folder] ?? {};
    return { name, version, ...(license && { license }), ...(integrity && { integrity }) };
  });
}

/** The licence texts of the bundled packages: their licences require that a copy includes the text. */
function licenceTexts(folders: readonly string[]): string {
  return folders
    .map((folder) => {
      const { name, version, license } = readPackage(folder);
      const files = readdirSync(join(ROOT, folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file));
      const texts = files.map((file) => readFileSync(join(ROOT, folder, file), 'utf8').trim());
      return [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n');
    })
    .join(`\n\n${'-'.repeat(80)}\n\n`);
}

/**
 * Throws if the file contains a non-ASCII character: V8 would then store the whole source text, which stays in
 * memory as long as the process runs, with two bytes per character.
 */
function checkAscii(file: string): void {
  const code = readFileSync(file);
  const at = code.findIndex((byte) => byte > 0x7f);
  if (at < 0) return;
  const around = code.subarray(Math.max(0, at - 60), at + 20).toString();
  throw new Error(`${file} has a non-ASCII character (write it as \\u and four digits): ${around}`);
}

async function inOneFile(entry: string, outfile: string, root: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    // One file, because with `splitting` esbuild's `import()` of a CommonJS package has no named exports.
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: BANNER },
    plugins: [sources(root), smallClient],
    legalComments: 'none',
    // Removes comments, too: some comments of packages are not ASCII.
    minifyWhitespace: true,
    metafile: true,
    logLevel: 'warning',
  });
  return metafile;
}

/**
 * Writes a program of a test as one file to a folder of this checkout, for tests that start the program many times:
 * starting it from its sources takes five times as much CPU. The program finds the files of the checkout where its
 * sources would find them. Throws the errors that esbuild reports.
 */
export async function bundleForTests(entry: string, folder: string): Promise<string> {
  const name = `${basename(entry, '.ts')}.mjs`;
  const [file, own] = [join(folder, name), join(folder, `${process.pid}.${name}`)];
  await inOneFile(entry, own, relative(folder, ROOT));
  renameSync(own, file);
  return file;
}

/**
 * Deletes `folder` and writes it again; returns the size of the bundled code in bytes, and the size of the web page as
 * text. Throws the errors that esbuild and Vite report.
 */
export async function bundle(folder = DIST): Promise<{ readonly bytes: number; readonly page: string }> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const metafile = await inOneFile('controller/cli/main.ts', join(folder, 'tidegate.mjs'), '.');
  checkAscii(join(folder, 'tidegate.mjs'));
  for (const path of READ_FROM_DISK) {
    if (!existsSync(join(ROOT, path))) throw new Error(`${path} is listed in READ_FROM_DISK and does not exist`);
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  const page = await copyPage(folder);
  const folders = [...new Set([...bundledPackages(metafile), ...page.packages])].sort();
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES'), `${licenceTexts(folders)}\n`);
  writeFileSync(join(folder, BUNDLED_PACKAGES), `${JSON.stringify(listed(folders), null, 1)}\n`);
  const bytes = Object.values(metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
  return { bytes, page: sizeText(page) };
}

if (import.meta.main) {
  const { bytes, page } = await bundle();
  console.log(`dist/: ${(bytes / 1e6).toFixed(2)} MB, web page ${page}`);
}
