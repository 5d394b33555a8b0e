/** Reports which annotations and settings are covered by a scenario whose control failed, as it must. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ANNOTATION_KEYS } from '../../controller/model/features/annotations.ts';
import { SETTING_KEYS } from '../../controller/model/settings/settings.ts';

const OUTPUT = new URL('../../.tidegate/e2e/', import.meta.url);

export interface Proof {
  readonly key: string;
  readonly scenario: string;
}

/** Writes `coverage.json` (key → scenarios) and returns the lines to print. */
export function writeCoverage(proofs: readonly Proof[]): string[] {
  const table: Record<string, string[]> = {};
  for (const { key, scenario } of proofs) (table[key] ??= []).push(scenario);
  for (const key of [...ANNOTATION_KEYS.keys(), ...SETTING_KEYS.keys()]) table[key] ??= [];
  const sorted = Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
  mkdirSync(OUTPUT, { recursive: true });
  const file = fileURLToPath(new URL('coverage.json', OUTPUT));
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`);
  return [
    ...Object.entries(sorted).map(([key, scenarios]) => `${String(scenarios.length).padStart(4)}  ${key}`),
    `${Object.values(sorted).filter((list) => list.length > 0).length} of ${Object.keys(sorted).length} keys covered, written to ${file}`,
  ];
}
