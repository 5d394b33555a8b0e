import { expect, test } from 'vitest';
import { ANNOTATION_KEYS } from '../controller/model/features/annotations.ts';
import { SETTING_KEYS } from '../controller/model/settings/settings.ts';
import { FEATURES, wholeSet } from './feature-list.ts';

test('every feature of the bench consists of annotations and settings that the controller accepts', () => {
  for (const { name, annotations = {}, canary = {}, settings = {}, metrics = false } of [...FEATURES, wholeSet()]) {
    for (const [key, value] of [...Object.entries(annotations), ...Object.entries(canary)])
      expect(ANNOTATION_KEYS.get(key)?.parser.parse(value), `${name}: ${key}`).toMatchObject({ ok: true });
    for (const [key, value] of Object.entries(settings))
      expect(SETTING_KEYS.get(key)?.parser.parse(value), `${name}: ${key}`).toMatchObject({ ok: true });
    expect(metrics || Object.keys({ ...annotations, ...canary, ...settings }).length > 0, name).toBe(true);
  }
});

test('names of features are unique, and wholeSet combines all features that are not marked `apart`', () => {
  const names = FEATURES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const whole = wholeSet([
    { name: 'a', annotations: { x: '1' }, headers: { A: 'a' } },
    { name: 'b', annotations: { y: '2' }, canary: { canary: 'true' }, path: '/b', asked: '/b/c' },
    { name: 'c', annotations: { z: '3' }, apart: true },
  ]);
  expect(whole).toMatchObject({ annotations: { x: '1', y: '2' }, canary: { canary: 'true' }, headers: { A: 'a' } });
  expect(whole).toMatchObject({ path: '/b', asked: '/b/c' });
  expect(whole.annotations).not.toHaveProperty('z');
});
