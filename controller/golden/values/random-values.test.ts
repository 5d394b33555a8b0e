/**
 * Random values of every annotation and setting, checked by `nginx -t` of this machine. The full tests try more of
 * them.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyWorld } from '../incremental/world.ts';
import { type Judge, startJudge } from './nginx.ts';
import { ingressOf, snapshotOf } from './objects.ts';
import { compareNeighbours, newTally, tryAnnotations, trySettings } from './property.ts';
import { randomOf } from './random.ts';
import { refusals } from './refusals.ts';

const FINE = { refused: [], silent: [], unknown: new Set() };

let judge: Judge;

beforeAll(async () => {
  judge = await startJudge();
});

afterAll(async () => judge?.end());

test('nginx accepts the annotations that the model accepts, and a Problem reports each other annotation', async () => {
  const tally = newTally();
  for (let seed = 1; seed <= 2; seed += 1) await tryAnnotations(judge, seed, 150, tally);
  expect(tally).toMatchObject(FINE);
  expect(tally.accepted).toBeGreaterThan(200);
});

test('nginx accepts the settings that the model accepts, and a Problem reports each other setting', async () => {
  const tally = newTally();
  for (let seed = 1; seed <= 8; seed += 1) await trySettings(judge, seed, 0.8, tally);
  expect(tally).toMatchObject(FINE);
  expect(tally.accepted).toBeGreaterThan(200);
});

test('a rejected value does not affect other values', () => {
  const random = randomOf(1);
  let compared = 0;
  while (compared < 20) compared += compareNeighbours(random);
});

test('the search for refused values finds each refused Ingress among accepted Ingresses', async () => {
  const spoilt = new Set(['i3', 'i4', 'i9']);
  const ingresses = Array.from({ length: 12 }, (_, index) => ingressOf(`i${index}`, {}));
  const found = await refusals(ingresses, async (part) => {
    const { artifact } = judge.newBuild()(snapshotOf(part), emptyWorld().overrides);
    const bad = part.some(({ metadata }) => spoilt.has(metadata?.name ?? ''));
    return judge.test(bad ? { ...artifact, conf: artifact.conf.replace('http {', 'http { nothing on;') } : artifact);
  });
  expect(found.flatMap(({ items }) => items.map(({ metadata }) => metadata?.name))).toEqual([...spoilt]);
  expect(found[0]?.message).toContain('unknown directive "nothing"');
});
