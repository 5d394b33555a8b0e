import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eventually } from '../../e2e/runner/eventually.ts';
import { createKeptStore, type Stored } from './kept-store.ts';

let base: string;
let folder: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'tidegate-kept-'));
  folder = join(base, 'kept');
});
afterEach(() => rmSync(base, { recursive: true }));

const ONE: Stored = {
  use: 'certificate shop/one',
  until: 7,
  object: { metadata: { name: 'one' }, data: { a: 'YQ==' } },
};
const TWO: Stored = { use: 'certificate shop/two', until: null, object: { data: {} } };

function fail(message: string): never {
  throw new Error(message);
}

function files(): string[] {
  return readdirSync(folder).map((name) => join(folder, name));
}

async function stored(...all: Stored[]): Promise<ReturnType<typeof createKeptStore>> {
  const store = createKeptStore(folder, fail);
  for (const each of all) store.put(each);
  await eventually(() => expect(files().filter((name) => name.endsWith('.json'))).toHaveLength(all.length));
  return store;
}

it('loads the entries that another process stored in files that only the user can read', async () => {
  await stored(ONE, TWO);
  expect(files().map((name) => statSync(name).mode & 0o777)).toEqual([0o600, 0o600]);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const found = await createKeptStore(folder, fail).load();
  expect(found).toEqual(
    new Map([
      [ONE.use, ONE],
      [TWO.use, TWO],
    ]),
  );
});

it('removes an entry, even if the entry was stored only a moment before', async () => {
  const store = await stored(ONE);
  store.put(TWO);
  store.remove(TWO.use);
  store.remove(ONE.use);
  await eventually(() => expect(files()).toEqual([]));
});

it('does not rewrite an entry that is unchanged since it was written or read', async () => {
  await stored(ONE);
  const [file = ''] = files();
  const written = statSync(file).ino;
  const store = createKeptStore(folder, fail);
  await store.load();
  store.put(ONE);
  store.put(TWO);
  await eventually(() => expect(files()).toHaveLength(2));
  expect(statSync(file).ino).toBe(written);
});

it('ignores and deletes a truncated file, and a file whose name belongs to another object', async () => {
  await stored(ONE, TWO);
  const [first = '', second = ''] = files();
  writeFileSync(first, readFileSync(first).subarray(0, 20));
  renameSync(second, join(folder, 'other.json'));
  expect(await createKeptStore(folder, fail).load()).toEqual(new Map());
  expect(files()).toEqual([]);
});

it('reports the name of its folder if it cannot write to the folder', async () => {
  writeFileSync(folder, 'a file');
  const failed = vi.fn<(message: string) => void>();
  createKeptStore(folder, failed).put(ONE);
  await eventually(() => expect(failed).toHaveBeenCalledTimes(1));
  expect(failed.mock.calls[0]?.[0]).toContain(folder);
});
