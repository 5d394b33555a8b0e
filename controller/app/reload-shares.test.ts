import { expect, it } from 'vitest';
import type { ObjectChange } from '../types/snapshot.ts';
import { createReloadShares } from './reload-shares.ts';

const INTERVAL = 1500;

function setUp() {
  let time = 0;
  const { isPatient } = createReloadShares(INTERVAL, () => time);
  const changes = (keys: readonly string[]): readonly ObjectChange[] => keys.map((key) => ({ kind: 'Ingress', key }));
  return {
    ask: (...keys: readonly string[]) => isPatient(changes(keys)),
    pass: (intervals: number) => {
      time += intervals * INTERVAL;
    },
  };
}

/** Asks in each of a number of intervals, and returns the results. */
function repeat({ ask, pass }: ReturnType<typeof setUp>, count: number, ...keys: readonly string[]) {
  return Array.from({ length: count }, () => {
    pass(1);
    return ask(...keys);
  });
}

it('a namespace that needs a reload in each interval becomes patient, and others do not', () => {
  const shares = setUp();
  shares.ask('b/web');
  expect(repeat(shares, 7, 'a/web')).toEqual([false, false, false, false, true, true, true]);
  expect(shares.ask('a/web', 'b/web')).toBe(false);
  expect(shares.ask('b/web')).toBe(false);
});

it('a namespace that is alone, or was alone for long, is never patient', () => {
  const shares = setUp();
  expect(repeat(shares, 20, 'a/web')).not.toContain(true);
  shares.ask('b/web');
  shares.pass(201);
  expect(repeat(shares, 20, 'a/web')).not.toContain(true);
});

it('two namespaces that need about equally many reloads do not wait for each other', () => {
  const shares = setUp();
  const results = Array.from({ length: 20 }, () => [...repeat(shares, 1, 'a/web'), ...repeat(shares, 1, 'b/web')]);
  expect(results.flat()).not.toContain(true);
});

it('any number of changes in one interval counts once', () => {
  const shares = setUp();
  shares.ask('b/web');
  expect(Array.from({ length: 100 }, () => shares.ask('a/web'))).not.toContain(true);
});

it('is urgent again after a pause', () => {
  const shares = setUp();
  shares.ask('b/web');
  expect(repeat(shares, 10, 'a/web').at(-1)).toBe(true);
  shares.pass(10);
  expect(shares.ask('a/web')).toBe(false);
});

it('changes that concern everybody are urgent', () => {
  const shares = setUp();
  shares.ask('b/web');
  repeat(shares, 10, 'a/web');
  expect(shares.ask('nginx', 'a/web')).toBe(false);
  expect(shares.ask()).toBe(false);
});
