import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { StaticOptions } from '../app/build.ts';

/** The options of a test case that differ from the common ones. */
export async function optionsOf(folder: string): Promise<Partial<StaticOptions>> {
  const text = await readFile(path.join(folder, 'options.json'), 'utf8').catch(() => '{}');
  return JSON.parse(text) as Partial<StaticOptions>;
}
