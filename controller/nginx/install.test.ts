import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeWhole } from './install.ts';

test('writeWhole() writes a long string unchanged, even if a piece ends inside a surrogate pair', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidegate-install-'));
  try {
    const path = join(folder, 'nginx.conf');
    for (const shift of [0, 1]) {
      const text = 'a'.repeat(shift) + '\u{1f600}'.repeat(1_600_000) + 'ä';
      await writeWhole(path, text);
      expect((await readFile(path, 'utf8')) === text).toBe(true);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
