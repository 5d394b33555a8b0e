import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';

interface PackageJson {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '..');
const manifest = JSON.parse(read('package.json')) as PackageJson;
const files = listFiles('');

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Paths of the project's own files, relative to its root. */
function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return ['node_modules', '.git', '.tidegate', 'dist'].includes(entry.name) ? [] : listFiles(path);
    return entry.isFile() ? [path] : [];
  });
}

/** Whether a source imports the package or one of its submodules. */
function imports(source: string, name: string): boolean {
  return [...source.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].some(
    ([, specifier = '']) => specifier === name || specifier.startsWith(`${name}/`),
  );
}

test('no file or folder has a meaningless name, such as utils or helpers', () => {
  const banned = /^(utils?|helpers?|commons?|managers?|misc)(\.|$)/i;
  const found = files.filter((path) =>
    path.split('/').some((part) => banned.test(part) || /-(utils?|helpers?)\./.test(part)),
  );
  expect(found).toEqual([]);
});

test('every stage of the controller, every wing of the model, every Lua room and the page have a README.md', () => {
  expect(files).toContain('ui/README.md');
  for (const folder of ['controller', 'controller/model', 'nginx/lua/tidegate']) {
    const rooms = readdirSync(join(root, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.length).toBeGreaterThan(5);
    const lacking = rooms.filter(({ name }) => !files.includes(join(folder, name, 'README.md')));
    expect(lacking.map(({ name }) => join(folder, name))).toEqual([]);
  }
});

test('no two files of the controller export the same name', () => {
  const exported = /^export (?:async )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;
  const sources = files.filter((path) => /^controller\/(?!golden\/).*(?<!\.test)\.ts$/.test(path));
  const names = sources.flatMap((path) => [...read(path).matchAll(exported)].map(([, name = '']) => ({ name, path })));
  expect(names.length).toBeGreaterThan(1000);
  const twice = [...Map.groupBy(names, ({ name }) => name)].filter(([, places]) => places.length > 1);
  expect(twice.map(([name, places]) => `${name}: ${places.map(({ path }) => path).join(', ')}`)).toEqual([]);
});

test('docs/dependencies.md lists exactly the packages of package.json, each with a reason', () => {
  const rows = read('docs/dependencies.md').matchAll(/^\| `([^`]+)`\s+\| (.{20,}?)\s*\|$/gm);
  const documented = [...rows].map(([, name = '']) => name);
  const listed = Object.keys({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
  });
  expect(documented.toSorted()).toEqual(listed.toSorted());
});

test('package.json pins exact versions, so that two machines test the same code', () => {
  const typesAside = Object.entries({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
  })
    .filter(([name]) => !name.startsWith('@types/'))
    .filter(([, version]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version));
  expect(typesAside).toEqual([]);
});

test('the controller imports every package in the dependencies of package.json', () => {
  const sources = files.filter((path) => /^controller\/.*\.ts$/.test(path) && !path.endsWith('.test.ts')).map(read);
  const unused = Object.keys(manifest.dependencies).filter((name) => !sources.some((source) => imports(source, name)));
  expect(unused).toEqual([]);
});

test('a source file, an npm script or tsconfig.json uses every package in devDependencies', () => {
  const commands: Readonly<Record<string, string>> = {
    '@types/node': '"types": ["node"]',
    'dependency-cruiser': 'depcruise ',
    'oxlint-tsgolint': 'oxlint --type-aware',
    oxlint: 'oxlint ',
    prettier: 'prettier ',
    typescript: 'tsc ',
  };
  const called = [...Object.values(manifest.scripts), read('tsconfig.json')].join('\n');
  const sources = files.filter((path) => /\.(tsx?|mjs|css)$/.test(path)).map(read);
  const unused = Object.keys(manifest.devDependencies).filter((name) => {
    const command = commands[name];
    return command ? !called.includes(command) : !sources.some((source) => imports(source, name));
  });
  expect(unused).toEqual([]);
});

test('scripts/test.sh contains the commands of the npm scripts typecheck, lint and rules', () => {
  const script = read('scripts/test.sh');
  for (const name of ['typecheck', 'typecheck:ui', 'lint', 'rules']) expect(script).toContain(manifest.scripts[name]);
});

test('a shell script without a bash shebang contains no bash syntax', () => {
  const scripts = files.filter(
    (path) => /^(scripts|nginx)\/.*\.sh$/.test(path) && !read(path).startsWith('#!/usr/bin/env bash'),
  );
  const bashisms = /\[\[ |^\s*local |\bfunction \w|<<<|\bpipefail\b|[=\s(]\$'|&>/m;
  expect(scripts.map((path) => basename(path))).toContain('setup.sh');
  expect(scripts.filter((path) => bashisms.test(read(path)))).toEqual([]);
});

test('every file that docs/architecture.md names exists', () => {
  const text = read('docs/architecture.md');
  const named = [...text.matchAll(/`((?:controller|nginx)\/[\w./-]+)`/g)].map(([, path = '']) => path);
  const drawn = [
    ...text.matchAll(/\["((?:app|cluster|model|render|nginx|report)\/[\w./-]*)(?:, ([\w-]+\.ts))?/g),
  ].flatMap(([, first = '', second]) => {
    const path = `controller/${first}`;
    return second === undefined ? [path] : [path, `${path.slice(0, path.lastIndexOf('/'))}/${second}`];
  });
  expect(named.length).toBeGreaterThan(20);
  expect(drawn.length).toBeGreaterThan(20);
  const exists = (path: string): boolean =>
    files.some((file) => file === path || file.startsWith(path.replace(/\/?$/, '/')));
  expect([...named, ...drawn].filter((path) => !path.includes('*') && !exists(path))).toEqual([]);
  const modules = [...text.matchAll(/\blua:? ([a-z_, /]+?)(?::|<br>|")/g)].flatMap(([, names = '']) =>
    names.split(', '),
  );
  expect(modules.length).toBeGreaterThan(8);
  const luaFile = (name: string): string => `nginx/lua/tidegate/${name.endsWith('/') ? name : `${name}.lua`}`;
  expect(modules.map(luaFile).filter((path) => !exists(path))).toEqual([]);
});
