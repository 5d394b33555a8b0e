import { copyFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AdvisoryList } from '../controller/nginx/advisories.ts';
import { main } from './nginx-advisories.ts';

let folder: string;
let list: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-advisories-'));
  list = join(folder, 'advisories.json');
  copyFileSync(new URL('../controller/nginx/advisories.json', import.meta.url), list);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function run(tracker: unknown): Promise<{ readonly code: number; readonly said: string }> {
  const file = join(folder, 'tracker.json');
  writeFileSync(file, typeof tracker === 'string' ? tracker : JSON.stringify(tracker));
  const said: string[] = [];
  return { code: await main(file, list, (line: string) => said.push(line)), said: said.join('\n') };
}

const read = () => JSON.parse(readFileSync(list, 'utf8')) as AdvisoryList;
const fixes = (id: string) => read().advisories.find((each) => each.id === id)?.debian;
const resolved = (version: string) => ({ status: 'resolved', fixed_version: version });

test('fixed versions are updated, and vulnerabilities that the list lacks are named', async () => {
  const before = fixes('CVE-2026-42533');
  const { code, said } = await run({
    nginx: {
      'CVE-2026-42055': { releases: { bookworm: { status: 'open' }, trixie: resolved('1.26.3-3+deb13u99') } },
      'CVE-2026-42533': { releases: { trixie: { status: 'undetermined' }, sid: resolved('1.31.3-1') } },
      'CVE-2027-1': { description: 'new', releases: { bookworm: resolved('1.22.1-9+deb12u12') } },
      'CVE-2027-2': { releases: { trixie: { status: 'open' } } },
      // Neither release was ever affected.
      'CVE-2020-1': { releases: { bookworm: resolved('1.18.0-1'), trixie: resolved('0') } },
    },
    apache2: { 'CVE-2027-3': { releases: { trixie: { status: 'open' } } } },
  });
  expect(code).toBe(1);
  expect(said).toContain('CVE-2026-42055 bookworm: not fixed (was 1.22.1-9+deb12u9)');
  expect(said).toContain('not in the list: CVE-2027-1: new');
  expect(said).toMatch(/CVE-2027-2: no description\n2 changed, 2 to add$/);
  expect(fixes('CVE-2026-42055')).toEqual({ bookworm: null, trixie: '1.26.3-3+deb13u99' });
  expect(fixes('CVE-2026-42533')).toEqual(before);
  expect(read().updated).toBe(new Date().toISOString().slice(0, 10));
});

test('data from a URL is read, and nothing changes if the list is complete', async () => {
  const before = read();
  const server = createServer((_request, response) => response.end(JSON.stringify({ nginx: {} })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  expect(await main(`http://127.0.0.1:${port}/`, list, () => undefined)).toBe(0);
  server.close();
  expect(read().advisories).toEqual(before.advisories);
});

test.each([
  ['{', /JSON/],
  ['{}', /no package nginx; expected the JSON of https:/],
  ['null', /no package nginx/],
])('the list stays as it is if the data is %s', async (data, message) => {
  const before = readFileSync(list, 'utf8');
  const { code, said } = await run(data);
  expect([code, said]).toEqual([2, expect.stringMatching(message)]);
  expect(readFileSync(list, 'utf8')).toBe(before);
});
