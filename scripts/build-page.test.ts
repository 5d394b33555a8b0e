import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildPage, copyPage, sizeText } from './build-page.ts';
import { temporaryFolder } from '../controller/cluster/fixtures/temporary-folder.ts';

const UI = join(import.meta.dirname, '../ui');

test('the page is built once for each state of its sources, and contains nothing inline and no development code', async () => {
  const built = await buildPage();
  const again = await buildPage(() => expect.unreachable('nothing has changed'));
  expect(again).toEqual(built);
  expect(built.packages).toEqual(['node_modules/@tanstack/virtual-core', 'node_modules/preact', 'node_modules/uplot']);
  // The page stays small: a package that doubles it needs a better reason than comfort.
  expect(built.gzippedBytes).toBeLessThan(75_000);
  console.log(`the page: ${sizeText(built)}`);
  const index = readFileSync(join(UI, 'dist/index.html'), 'utf8');
  expect(index).not.toMatch(/<style|<script(?![^>]* src=)|https?:|\son\w+=/);
  const assets = readdirSync(join(UI, 'dist/assets'));
  expect(assets.map((name) => /\.\w+$/.exec(name)?.[0]).toSorted()).toEqual(['.css', '.js', '.svg']);
  const script = readFileSync(join(UI, 'dist/assets', assets.find((name) => name.endsWith('.js')) ?? ''), 'utf8');
  expect(script).not.toMatch(/process\.env|sourceMappingURL/);
});

test('the installation contains the page and what it was built from', async () => {
  const folder = await temporaryFolder();
  const built = await copyPage(folder);
  expect(JSON.parse(readFileSync(join(folder, 'ui/dist/built.json'), 'utf8'))).toEqual(built);
  expect(readFileSync(join(folder, 'ui/dist/index.html'), 'utf8')).toContain('<div id="app">');
});
