/**
 * Checks that every key of the registries is covered by a scenario. scenarios.test.ts runs the scenarios, and checks
 * that each of them can fail.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FEATURES } from '../../controller/model/features/annotations.ts';
import { SETTING_FEATURES } from '../../controller/model/settings/keys/registry.gen.ts';
import type { SettingKey } from '../../controller/model/contract/setting.ts';
import { readScenarios } from './scenario.ts';

const scenarios = readScenarios();
const annotations = FEATURES.flatMap(({ keys }) =>
  Object.entries(keys).flatMap(([name, key]) => [name, ...(key.aliases ?? [])].map((each) => [each, key] as const)),
);
const settings = SETTING_FEATURES.flatMap(({ keys }) => Object.entries<SettingKey<unknown>>(keys));
const names = new Set([...annotations, ...settings].map(([name]) => name));

/** Keys that do not affect the TCP ports that scenarios send requests to, and the file that tests each of them. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'http3-max-age': '../image/http3.full.test.ts',
  'http3-max-concurrent-streams': '../../controller/golden/http3.test.ts',
  'nginx-status-ipv4-whitelist': '../../controller/nginx/sidecar.drill.test.ts',
  'nginx-status-ipv6-whitelist': '../../controller/nginx/sidecar.drill.test.ts',
  'use-http3': '../image/http3.full.test.ts',
};

test('every annotation and every ConfigMap key is covered by a scenario or by a separate test', () => {
  const covered = new Set(scenarios.flatMap(({ covers }) => covers));
  expect([...names].filter((name) => !covered.has(name) && ELSEWHERE[name] === undefined)).toEqual([]);
  for (const [name, file] of Object.entries(ELSEWHERE))
    expect(readFileSync(new URL(file, import.meta.url), 'utf8')).toContain(name);
});

test('the field `covers` of scenarios names only existing annotations and ConfigMap keys', () => {
  const unknown = scenarios.flatMap(({ file, covers }) =>
    covers.filter((key) => !names.has(key)).map((key) => `${file}: ${key}`),
  );
  expect(unknown).toEqual([]);
});

test.each([...annotations, ...settings].filter(([, { verdict }]) => verdict !== undefined && !verdict.ownReport))(
  'a scenario checks the message that %s has no effect or is not supported yet',
  (name, { verdict }) => {
    const lines = scenarios.filter(({ covers }) => covers.includes(name)).flatMap(({ log }) => log);
    const said = `${name} ${verdict?.kind === 'later' ? 'is not supported yet' : 'has no effect'}`;
    // A Problem is printed as the field, which ends with the key, and the message: `…annotations["…/app-root"]: has no
    // effect`.
    expect(lines.filter((line) => line.replaceAll(String.raw`\S*`, '').includes(said))).not.toEqual([]);
  },
);
