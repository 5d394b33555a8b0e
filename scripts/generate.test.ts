import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { chapters, chartFiles, registries } from './generate.ts';

test.each([...(await registries()), ...(await chapters()), ...(await chartFiles())])(
  '%s is what npm run generate writes',
  async (file, content) => {
    const target = fileURLToPath(new URL(`../${file}`, import.meta.url));
    const formatted = await format(content, { ...(await resolveConfig(target)), filepath: target });
    expect(await readFile(target, 'utf8')).toBe(formatted);
  },
);
