import { expect, test } from 'vitest';
import { noVariables, variable } from '../../types/conf-value.ts';
import { readSettings } from './settings.ts';
import { mergeHeaderChanges, upstreamHeaders } from './upstream-headers.ts';

const { settings } = readSettings(undefined);

test('no header is in the list twice, not even in different case', () => {
  const names = upstreamHeaders(settings, []).map(({ name }) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
});

test('if a header is changed several times, the last value applies', () => {
  const [first, second] = [noVariables('first'), variable('second')];
  expect(
    mergeHeaderChanges([
      ['X-User', first],
      ['x-user', second],
    ]),
  ).toEqual([['x-user', second]]);
});

test('a value takes precedence over a removal, in whatever order they are', () => {
  const value = noVariables('ours');
  expect(
    mergeHeaderChanges([
      ['Authorization', value],
      ['authorization', 'removed'],
    ]),
  ).toEqual([['Authorization', value]]);
  expect(
    mergeHeaderChanges([
      ['authorization', 'removed'],
      ['Authorization', value],
    ]),
  ).toEqual([['Authorization', value]]);
});

test('the Host header is not removed', () => {
  expect(
    mergeHeaderChanges([
      ['host', 'removed'],
      ['Cookie', 'removed'],
    ]),
  ).toEqual([['Cookie', 'removed']]);
});
