import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { chapters, chartFiles, differenceFiles, formatted, registries, routeFiles } from './generate.ts';

test.each([
  ...(await registries()),
  ...(await chapters()),
  ...(await chartFiles()),
  ...(await routeFiles()),
  ...(await differenceFiles()),
])('%s equals the output of npm run generate', async (file, content) => {
  const target = fileURLToPath(new URL(`../${file}`, import.meta.url));
  expect(await readFile(target, 'utf8')).toBe(await formatted(file, content));
});
