/**
 * The result of a bench, which is one JSON file in bench/results. report.ts generates docs/performance.md from these
 * files.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import type { Machine, Versions } from './machine.ts';

/** A row of a table: what was measured, and its figures by name and unit (`p50 ms`). */
export interface Figure {
  readonly subject: string;
  readonly values: Readonly<Record<string, number>>;
}

export interface Ratio {
  readonly what: string;
  readonly value: number;
  /** The target value, for example `at most 1.08`. */
  readonly aim?: string;
}

export interface Measured {
  /** The number of interleaved rounds, or of samples for each figure. */
  readonly rounds: number;
  /** The sizes on which the figures depend; a key says what its value counts. */
  readonly sizes: Readonly<Record<string, number | readonly number[]>>;
  readonly figures: readonly Figure[];
  readonly ratios: readonly Ratio[];
  /** What a reader has to know about this run, for example what could not be measured and why. */
  readonly notes?: readonly string[];
}

export interface Result extends Measured {
  /** The name of the bench, as in `npm run bench NAME`. */
  readonly name: string;
  readonly title: string;
  /** How the figures were measured, in sentences. */
  readonly about: string;
  readonly machine: Machine;
  readonly versions: Versions;
  /** When the bench ended, in ISO 8601. */
  readonly date: string;
}

/** The folder in `TIDEGATE_BENCH_RESULTS`, or bench/results. */
export function resultsFolder(): string {
  return process.env['TIDEGATE_BENCH_RESULTS'] ?? fileURLToPath(new URL('results', import.meta.url));
}

/** Writes `<name>.<release of NGINX>.json`, formatted with the repository's prettier settings; returns the path. */
export async function writeResult(result: Result): Promise<string> {
  const folder = resultsFolder();
  mkdirSync(folder, { recursive: true });
  const release = result.versions.nginx.split('.').slice(0, 2).join('.');
  const path = join(folder, `${result.name}.${release}.json`);
  const style = await resolveConfig(fileURLToPath(import.meta.url));
  writeFileSync(path, await format(JSON.stringify(result, null, 2), { ...style, parser: 'json' }));
  return path;
}
