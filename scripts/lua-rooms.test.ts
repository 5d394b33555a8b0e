import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const lua = join(root, 'nginx/lua');
const home = join(lua, 'tidegate');

const read = (...path: string[]): string => readFileSync(join(home, ...path), 'utf8');

/** The names in backticks in one column of the README's tables, row by row. */
function listed(readme: string, column: number): string[] {
  const rows = readme.split('\n').filter((line) => line.startsWith('|'));
  return rows.flatMap((row) =>
    [...(row.split('|')[column] ?? '').matchAll(/`([\w/]+)`/g)].map(([, name = '']) => name),
  );
}

/**
 * The rooms (subfolders of nginx/lua/tidegate) from the lowest to the highest. The modules of a room may use only
 * modules of that room and of the rooms before it.
 */
const rooms = listed(read('README.md'), 1).map((name) => name.replace('/', ''));

/** `room/module` → the text of the module's file. */
const modules = new Map<string, string>(
  rooms.flatMap((room) =>
    readdirSync(join(home, room))
      .filter((name) => name.endsWith('.lua'))
      .map((name) => [`${room}/${name.slice(0, -'.lua'.length)}`, read(room, name)]),
  ),
);

const required = (source: string): string[] =>
  [...source.matchAll(/require *\(?["']tidegate\.([\w.]+)["']/g)].map(([, name = '']) => name.replaceAll('.', '/'));

test('every Lua module is in a room (subfolder), and README.md lists every room', () => {
  const found = readdirSync(home, { withFileTypes: true }).filter((entry) => entry.name !== 'README.md');
  expect(found.filter((entry) => !entry.isDirectory())).toEqual([]);
  expect(found.map((entry) => entry.name).toSorted()).toEqual(rooms.toSorted());
});

test.each(rooms)('README.md of the room %s lists the files of the room', (room) => {
  const readme = read(room, 'README.md');
  for (const mark of ['In', 'Out', 'Never']) expect(readme).toContain(`\n- **${mark}**: `);
  const column = readme.includes('| phase') ? 2 : 1;
  const there = [...modules.keys()].filter((name) => name.startsWith(`${room}/`)).map((name) => name.split('/')[1]);
  expect(listed(readme, column).toSorted()).toEqual(there.toSorted());
});

test('the modules of a room load only modules of the same room and of earlier rooms', () => {
  const backwards = [...modules].flatMap(([name, source]) =>
    required(source)
      .filter((other) => rooms.indexOf(other.split('/')[0] ?? '') > rooms.indexOf(name.split('/')[0] ?? ''))
      .map((other) => `${name} uses ${other}`),
  );
  expect(backwards).toEqual([]);
});

test('tidegate.lua loads every module when NGINX starts, and no function loads a module later', () => {
  const loaded = new Set<string>();
  const next = required(readFileSync(join(lua, 'tidegate.lua'), 'utf8'));
  for (let name = next.pop(); name !== undefined; name = next.pop()) {
    if (loaded.has(name)) continue;
    loaded.add(name);
    next.push(...required(modules.get(name) ?? ''));
  }
  expect([...loaded].toSorted()).toEqual([...modules.keys()].toSorted());
  const late = [...modules].filter(([, source]) => /^\s+.*\brequire\b *\(?["']/m.test(source)).map(([name]) => name);
  expect(late).toEqual([]);
});

test('every Lua file that comments and documentation name exists', () => {
  const files = globSync(['{bench,controller,docs,e2e,nginx,scripts}/**/*.{ts,md,lua}', '*.md'], { cwd: root });
  const named = files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/nginx\/lua\/tidegate\/[a-z_/]+\.lua/g)].map(([path]) => path),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
