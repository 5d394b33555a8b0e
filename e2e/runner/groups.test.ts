/** Scenarios share a ConfigMap only if no key has different values in two of the scenarios or in their controls. */
import { expect, it } from 'vitest';
import { groupBySettings, objectsOf, settingsOf } from './groups.ts';
import { readScenario } from './scenario.ts';

const CONFIG_MAP = 'ConfigMap/ingress-nginx-controller:data';

function scenario(name: string, settings: Record<string, string>, more: object = {}) {
  const control = { remove: [`${CONFIG_MAP}.${Object.keys(settings)[0]}`] };
  return readScenario({ name, about: 'a', requests: [{ expect: { status: 200 } }], settings, control, ...more });
}

function groupsOf(...scenarios: ReturnType<typeof scenario>[]): string[][] {
  return groupBySettings(scenarios).map((group) => group.map(({ name }) => name));
}

it('scenarios with different keys are in one group', () => {
  expect(groupsOf(scenario('a', { hsts: 'false' }), scenario('b', { 'use-gzip': 'true' }))).toEqual([['a', 'b']]);
});

it('scenarios with different values of a key are in separate groups', () => {
  expect(groupsOf(scenario('a', { hsts: 'false' }), scenario('b', { hsts: 'true' }))).toEqual([['a'], ['b']]);
});

it('two scenarios are in separate groups if the control of one removes a key of the other', () => {
  const needs = scenario('b', { 'use-gzip': 'true', hsts: 'false' });
  expect(groupsOf(scenario('a', { hsts: 'false' }), needs)).toEqual([['a'], ['b']]);
});

it('two scenarios are in separate groups if the control of one sets a key of the other', () => {
  const sets = scenario('a', { hsts: 'false' }, { control: { set: { [`${CONFIG_MAP}.use-gzip`]: 'false' } } });
  expect(groupsOf(sets, scenario('b', { 'use-gzip': 'true' }))).toEqual([['a'], ['b']]);
});

it('scenarios are in separate groups if the value of a key contains the placeholder of a host or namespace', () => {
  const own = { 'proxy-set-headers': 'NAMESPACE/headers' };
  expect(groupsOf(scenario('a', own), scenario('b', own))).toEqual([['a'], ['b']]);
});

it('a scenario with `alone` or with flags is the only one in its group', () => {
  const alone = scenario('b', { 'use-gzip': 'true' }, { alone: true });
  const flags = scenario('c', { 'server-tokens': 'true' }, { alone: true, flags: ['--strict-access'] });
  const others = [scenario('a', { hsts: 'false' }), scenario('d', { 'keep-alive': '7' })] as const;
  expect(groupsOf(others[0], alone, flags, others[1])).toEqual([['a', 'd'], ['b'], ['c']]);
});

it('the objects of a group contain one ConfigMap with the keys of all its scenarios', () => {
  const settings = (data: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
    data,
  });
  const objects = objectsOf([
    { objects: [settings({ hsts: 'false' })] },
    { objects: [settings({ 'use-gzip': 'true' })] },
  ]);
  expect(objects).toHaveLength(1);
  expect(settingsOf(objects)).toEqual({ hsts: 'false', 'use-gzip': 'true' });
});
