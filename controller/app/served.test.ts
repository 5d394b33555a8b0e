import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createServed } from './served.ts';

const MS = 250;
let told = 0;

beforeEach(() => {
  vi.useFakeTimers();
  told = 0;
});

afterEach(() => vi.useRealTimers());

function served() {
  return createServed(() => {
    told += 1;
  }, MS);
}

it('when the old workers no longer accept connections, an Ingress counts as served and the listener is called', () => {
  const { has, confirmed } = served();
  confirmed(new Set(['shop/web']));
  vi.advanceTimersByTime(MS - 1);
  expect([has('shop/web'), told]).toEqual([false, 0]);
  vi.advanceTimersByTime(1);
  expect([has('shop/web'), told]).toEqual([true, 1]);
});

it('a later configuration does not prolong the wait of the Ingresses in an earlier configuration', () => {
  const { has, confirmed } = served();
  confirmed(new Set(['shop/web']));
  vi.advanceTimersByTime(MS / 2);
  confirmed(new Set(['shop/web', 'shop/api']));
  vi.advanceTimersByTime(MS / 2);
  expect([has('shop/web'), has('shop/api')]).toEqual([true, false]);
  vi.advanceTimersByTime(MS / 2);
  expect(has('shop/api')).toBe(true);
});

it('a removed Ingress immediately counts as not served; an unchanged set does not call the listener', () => {
  const { has, confirmed } = served();
  const both = new Set(['shop/web', 'shop/api']);
  confirmed(both);
  vi.advanceTimersByTime(MS);
  confirmed(both);
  vi.advanceTimersByTime(MS);
  expect(told).toBe(1);
  confirmed(new Set(['shop/web']));
  expect([has('shop/web'), has('shop/api')]).toEqual([true, false]);
});

it('the listener is not called after close()', () => {
  const { confirmed, close } = served();
  confirmed(new Set(['shop/web']));
  close();
  vi.advanceTimersByTime(MS);
  expect(told).toBe(0);
});
