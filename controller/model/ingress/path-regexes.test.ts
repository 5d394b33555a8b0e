import { expect, test } from 'vitest';
import { pathRegexes } from './path-regexes.ts';

test('a Prefix path without a trailing slash has a second pattern for the paths below it', () => {
  const of = pathRegexes();
  expect(of('Prefix', '/a[0-9]', false).below).toMatchObject({ ok: true, pattern: '/a[0-9]/' });
  expect(of('Prefix', '/a[0-9]/', false).below).toBeUndefined();
  expect(of('Prefix', '/a[0-9]', true).below).toBeUndefined();
  expect(of('Exact', '/a[0-9]', false).below).toBeUndefined();
  expect(of('Prefix', '/a[', false)).toMatchObject({ own: { ok: false }, below: undefined });
});

test('the regular expressions of one Ingress share a budget of steps, which plain paths do not use', () => {
  const of = pathRegexes();
  const costly = (at: number) => of('Prefix', `/x${at}([a-z][a-z0-9]*/){24}`, true).own;
  const results = Array.from({ length: 600 }, (_, at) => costly(at));
  const leftOut = results.map((each) => !each.ok && each.reason.includes('take more than 2000000 steps to check'));
  expect(leftOut.indexOf(true)).toBeGreaterThan(100);
  expect(leftOut.slice(leftOut.indexOf(true)).every(Boolean)).toBe(true);
  expect(of('Prefix', '/plain', true).own.ok).toBe(true);
  expect(pathRegexes()('Prefix', '/of[0-9]another', true).own.ok).toBe(true);
});
