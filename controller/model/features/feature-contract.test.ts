/** Properties of every annotation and of every key of the ConfigMap, checked over their registries. */
import { expect, test } from 'vitest';
import { FEATURES } from './annotations.ts';
import { SETTING_KEYS } from '../settings/settings.ts';

const annotations = FEATURES.flatMap((feature) => Object.entries(feature.keys));

test.each([
  ...annotations.map(([name, key]) => [`annotation ${name}`, key] as const),
  ...[...SETTING_KEYS].map(([name, key]) => [`setting ${name}`, key] as const),
])('%s accepts its good values and refuses its bad values', (_, key) => {
  expect(key.good.length).toBeGreaterThan(0);
  expect(key.bad.length).toBeGreaterThan(0);
  for (const raw of key.good) expect(key.parser.parse(raw), raw).toMatchObject({ ok: true });
  for (const raw of key.bad) expect(key.parser.parse(raw), raw).toMatchObject({ ok: false });
  expect(key.about).toMatch(/\.$/);
  expect(key.parser.accepts).not.toBe('');
});

test('the reason in a verdict is a clause without a period', () => {
  const verdicts = [...annotations, ...SETTING_KEYS].flatMap(([name, { verdict }]) =>
    verdict ? [{ name, verdict }] : [],
  );
  for (const { name, verdict } of verdicts) expect(verdict.why, name).toMatch(/^[^.]{10,}[^.]$/);
});

test('no two annotations have the same name', () => {
  const names = annotations.flatMap(([name, key]) => [name, ...(key.aliases ?? [])]);
  expect(new Set(names).size).toBe(names.length);
});

test('the ConfigMap key to which an annotation refers exists', () => {
  for (const [name, key] of annotations)
    if (key.setting !== undefined) expect(SETTING_KEYS.has(key.setting), name).toBe(true);
});

test('the text in the field `written` of a ConfigMap key parses to the fallback of that key', () => {
  const written = [...SETTING_KEYS].filter(([, key]) => key.written !== undefined);
  expect(written.length).toBeGreaterThan(0);
  for (const [name, key] of written) {
    expect(key.parser.parse(key.written ?? ''), name).toEqual({ ok: true, value: key.fallback });
  }
});
