/**
 * `npm run bundle`: the installation as a folder, `dist/`: the controller in one file, which starts faster than the
 * sources with their packages, and next to it what is read from disk. The image contains a copy.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import type { Metafile, Plugin } from 'esbuild';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

/** What the controller, or a container's command, reads at run time. */
export const READ_FROM_DISK = [
  'bin/tidegate.js',
  'templates',
  'nginx/lua',
  'nginx/start.sh',
  'package.json',
  'LICENSE',
];

/** CommonJS packages call `require` for Node's own modules, which does not exist in an ES module. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Sources find files relative to themselves; in the bundle each has the URL that it would have in `dist/`. */
const sources: Plugin = {
  name: 'sources',
  setup({ onLoad }) {
    onLoad({ filter: /\/controller\/.*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const other = /import\.meta\.(?!url\b)\w+/.exec(source)?.[0];
      if (other !== undefined)
        return { errors: [{ text: `${path}: ${other} means another place in the bundle; use import.meta.url` }] };
      const missing = missingExport(source);
      if (missing !== undefined) {
        return { errors: [{ text: `${path}: add ${missing} of ${CLIENT} to CLIENT_EXPORTS in scripts/bundle.ts` }] };
      }
      const url = `new URL(${JSON.stringify(`./${relative(ROOT, path)}`)}, import.meta.url).href`;
      return { contents: source.replaceAll('import.meta.url', url), loader: 'ts' };
    });
  },
};

const CLIENT = '@kubernetes/client-node';
/** What the controller uses of it at run time, and the modules of the package that export it. */
const CLIENT_EXPORTS: Readonly<Record<string, string>> = { KubeConfig: 'config.js' };
/** What these modules use of the generated API, by the modules that export it. */
const API_EXPORTS: Readonly<Record<string, string>> = {
  createConfiguration: './configuration.js',
  ServerConfiguration: './servers.js',
};

/**
 * An `import()` of the client returns only those exports. The package's two index modules, which would take in every API of
 * Kubernetes with its types (17 MB, most of the time of a build), are replaced by what is used of them.
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
      contents: reExport(API_EXPORTS, (module) => module),
      resolveDir: `${folder}/gen`,
    }));
  },
};

function reExport(names: Readonly<Record<string, string>>, pathOf: (module: string) => string): string {
  return Object.entries(names)
    .map(([name, module]) => `export { ${name} } from ${JSON.stringify(pathOf(module))};`)
    .join('\n');
}

/** A use of the client that the bundle would lack. */
function missingExport(source: string): string | undefined {
  const [, binding] = /(\w+) = await import\('@kubernetes\/client-node'\)/.exec(source) ?? [];
  if (binding === undefined) return undefined;
  const used = [...source.matchAll(new RegExp(`\\b${binding}\\.(\\w+)`, 'g'))].map(([, name = '']) => name);
  return used.find((name) => !(name in CLIENT_EXPORTS));
}

/** Folders of the packages that went into the bundle, below node_modules. */
function bundledPackages({ inputs }: Metafile): string[] {
  const folders = Object.keys(inputs).flatMap(
    (input) => /^node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? [],
  );
  return [...new Set(folders)].sort();
}

/** Their licences require that the text is included. */
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

/** With one other character V8 keeps two bytes for each of the text, which it needs for as long as the process runs. */
function checkAscii(file: string): void {
  const code = readFileSync(file);
  const at = code.findIndex((byte) => byte > 0x7f);
  if (at < 0) return;
  const around = code.subarray(Math.max(0, at - 60), at + 20).toString();
  throw new Error(`${file} has a character that is not ASCII (write it as \\u and four digits): ${around}`);
}

/** Writes `folder` anew; answers the size of its code in bytes. Throws what esbuild finds. */
export async function bundle(folder = DIST): Promise<number> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['controller/cli/main.ts'],
    // One file: with `splitting`, esbuild gives an `import()` of a CommonJS package no named exports.
    outfile: join(folder, 'tidegate.mjs'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: BANNER },
    plugins: [sources, smallClient],
    legalComments: 'none',
    // Comments of packages are not all ASCII.
    minifyWhitespace: true,
    metafile: true,
    logLevel: 'warning',
  });
  checkAscii(join(folder, 'tidegate.mjs'));
  for (const path of READ_FROM_DISK) {
    if (!existsSync(join(ROOT, path))) throw new Error(`${path} belongs into the bundle's folder and does not exist`);
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  }
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES'), `${licenceTexts(bundledPackages(metafile))}\n`);
  return Object.values(metafile.outputs).reduce((sum, { bytes }) => sum + bytes, 0);
}

if (import.meta.main) {
  const bytes = await bundle();
  console.log(`dist/: ${(bytes / 1e6).toFixed(2)} MB`);
}
