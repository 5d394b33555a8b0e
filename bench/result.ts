/** The result of a bench: one JSON file in bench/results, from which report.ts makes docs/performance.md. */
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
  /** Interleaved rounds, or samples of each figure. */
  readonly rounds: number;
  /** Sizes that the figures depend on, by what they count. */
  readonly sizes: Readonly<Record<string, number | readonly number[]>>;
  readonly figures: readonly Figure[];
  readonly ratios: readonly Ratio[];
  /** What a reader has to know about this run, for example what could not be measured and why. */
  readonly notes?: readonly string[];
}

export interface Result extends Measured {
  /** `npm run bench <name>`. */
  readonly name: string;
  readonly title: string;
  /** How it was measured: sentences. */
  readonly about: string;
  readonly machine: Machine;
  readonly versions: Versions;
  /** ISO 8601, when it ended. */
  readonly date: string;
}

/** `TIDEGATE_BENCH_RESULTS`, else bench/results. */
export function resultsFolder(): string {
  return process.env['TIDEGATE_BENCH_RESULTS'] ?? fileURLToPath(new URL('results', import.meta.url));
}

/** Writes `<name>.<1.26>.json`, formatted like every file of the repository; returns its path. */
export async function writeResult(result: Result): Promise<string> {
  const folder = resultsFolder();
  mkdirSync(folder, { recursive: true });
  const release = result.versions.nginx.split('.').slice(0, 2).join('.');
  const path = join(folder, `${result.name}.${release}.json`);
  const style = await resolveConfig(fileURLToPath(import.meta.url));
  writeFileSync(path, await format(JSON.stringify(result, null, 2), { ...style, parser: 'json' }));
  return path;
}
