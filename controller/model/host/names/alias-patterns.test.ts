import { expect, test } from 'vitest';
import { finish } from '../../../types/steps.ts';
import { aliasRoom, MOST_OF_HOST, MOST_OF_NAMESPACE, MOST_READ } from './alias-patterns.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';

function model(namespace: string, name: string, age: number, aliases: readonly string[]): IngressModel {
  const creationTimestamp = new Date(Date.UTC(2026, 0, 1 + 1000 - age));
  const ref = { kind: 'Ingress', namespace, name };
  return {
    ref,
    ingress: { metadata: { namespace, name, creationTimestamp } },
    host: { aliases },
  } as unknown as IngressModel;
}

const patterns = (count: number, mark: string) => Array.from({ length: count }, (_, at) => `~^${mark}${at}x[0-9]$`);

/** Host → number of its aliases that are accepted. */
function counted(models: Readonly<Record<string, IngressModel>>): Record<string, number> {
  const room = finish(aliasRoom(new Map(Object.entries(models))));
  const left = ([
    host,
    {
      host: { aliases = [] },
    },
  ]: [string, IngressModel]) => [host, aliases.filter((alias) => room(host, alias) === undefined).length] as const;
  return Object.fromEntries(Object.entries(models).map(left));
}

test('the number of alias patterns of a host is limited, but the number of plain aliases is not', () => {
  const names = Array.from({ length: 100 }, (_, at) => `a${at}.example.com`);
  const found = counted({ 'a.test': model('shop', 'a', 1, [...names, ...patterns(30, 'a')]) });
  expect(found).toEqual({ 'a.test': 100 + MOST_OF_HOST });
});

test('if a namespace has too many alias patterns, the youngest are refused, but not those of other namespaces', () => {
  const models: Record<string, IngressModel> = {};
  for (let at = 0; at < 12; at += 1) models[`${at}.test`] = model('shop', `i${at}`, at, patterns(20, `h${at}-`));
  models['other.test'] = model('other', 'a', 0, patterns(20, 'o'));
  const found = counted(models);
  expect(Object.values(found).reduce((sum, each) => sum + each)).toBe(MOST_OF_NAMESPACE + 20);
  expect(found).toMatchObject({ '0.test': 0, '1.test': 0, '2.test': 20, '11.test': 20, 'other.test': 20 });
});

test('the alias patterns of a namespace share a budget of steps, which a few expensive patterns use up', () => {
  const models: Record<string, IngressModel> = {};
  for (let at = 0; at < 4; at += 1) {
    const aliases = Array.from({ length: 20 }, (_, each) => `~q${at}-${each}[a-z]{9}[0-9]`);
    models[`${at}.test`] = model('shop', `i${at}`, 4 - at, aliases);
  }
  expect(counted(models)).toMatchObject({ '0.test': expect.toSatisfy((count: number) => count > 5), '3.test': 0 });
  const room = finish(aliasRoom(new Map(Object.entries(models))));
  expect(room('3.test', '~q3-0[a-z]{9}[0-9]')).toContain('more than 6000000 steps');
});

test('the number of alias patterns that are checked in a namespace is limited, and invalid ones count', () => {
  const models: Record<string, IngressModel> = {};
  for (let at = 0; at < 60; at += 1)
    models[`${at}.test`] = model(
      'shop',
      `i${at}`,
      at,
      Array.from({ length: 20 }, (_, each) => `~(a${at}x${each}`),
    );
  models['young.test'] = model('shop', 'young', 0, patterns(1, 'young'));
  const room = finish(aliasRoom(new Map(Object.entries(models))));
  expect(room('young.test', '~^young0x[0-9]$')).toBe(
    `namespace shop has more than ${MOST_READ} patterns, including refused ones`,
  );
});
