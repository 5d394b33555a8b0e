import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { issue } from '../../e2e/certificates.ts';
import { authoritiesFromFile, pairFromFiles } from './file-values.ts';

let folder: string;
const said: string[] = [];
const options = {
  failed: (message: string) => void said.push(`failed: ${message}`),
  renewed: (message: string) => void said.push(`renewed: ${message}`),
  everyMs: 20,
};

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tidegate-pair-'));
  said.length = 0;
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function write(name: string, text: string): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
  return file;
}

test('a renewed pair is used once both files belong together; until then the last good pair stays', async () => {
  const [first, second] = [await issue(['one']), await issue(['two'])];
  const files = [await write('tls.crt', first.cert), await write('tls.key', first.key)] as const;
  const pair = await pairFromFiles(...files, options);
  let changes = 0;
  pair.onChange(() => (changes += 1));
  expect(pair.current()).toEqual(first);
  await write('tls.crt', second.cert);
  await expect.poll(() => said).toEqual([expect.stringMatching(/^failed: .*the key does not belong .*stays in use$/)]);
  expect([pair.current(), changes]).toEqual([first, 0]);
  await write('tls.key', second.key);
  await expect.poll(() => changes).toBe(1);
  expect(pair.current()).toEqual(second);
  expect(said.slice(1)).toEqual([expect.stringMatching(/^renewed: /)]);
  pair.close();
});

test('a pair may appear after the start, and a pair that disappears stays in use', async () => {
  const files = [path.join(folder, 'tls.crt'), path.join(folder, 'tls.key')] as const;
  const pair = await pairFromFiles(...files, options);
  expect(pair.current()).toBeUndefined();
  expect(said).toEqual([expect.stringMatching(/ENOENT.*nobody can connect$/)]);
  const made = await issue(['one']);
  await write('tls.key', made.key);
  await write('tls.crt', made.cert);
  await expect.poll(() => pair.current()).toEqual(made);
  await rm(files[0]);
  await expect.poll(() => said.at(-1)).toMatch(/^failed: .*ENOENT/);
  expect(pair.current()).toEqual(made);
  pair.close();
});

test('authorities are read again when their file changes; text without a certificate is not used', async () => {
  const [first, second] = [await issue(['a'], undefined, true), await issue(['b'], undefined, true)];
  const authorities = await authoritiesFromFile(await write('ca.crt', first.cert), options);
  expect(authorities.current()).toBe(first.cert);
  await write('ca.crt', 'nonsense');
  await expect.poll(() => said).toHaveLength(1);
  expect(authorities.current()).toBe(first.cert);
  await write('ca.crt', second.cert);
  await expect.poll(() => authorities.current()).toBe(second.cert);
  authorities.close();
});
