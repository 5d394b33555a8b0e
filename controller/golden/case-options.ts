import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { StaticOptions } from '../app/build.ts';

/** The reserved ports of TCP and UDP services are written as a list of pairs. */
function asMap(key: string, value: unknown): unknown {
  return key === 'reserved' ? new Map(value as readonly [string, string][]) : value;
}

/** The options of a test case that differ from the common ones. */
export async function optionsOf(folder: string): Promise<Partial<StaticOptions>> {
  const text = await readFile(path.join(folder, 'options.json'), 'utf8').catch(() => '{}');
  return JSON.parse(text, asMap) as Partial<StaticOptions>;
}
