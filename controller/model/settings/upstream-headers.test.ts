import { expect, test } from 'vitest';
import { noVariables, variable } from '../../types/conf-value.ts';
import { readSettings } from './settings.ts';
import { mergeHeaderChanges, upstreamHeaders } from './upstream-headers.ts';

const { settings } = readSettings(undefined);

test('no header occurs twice in the list of upstream headers, not even in different case', () => {
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

test('the value of a header takes precedence over its removal, whatever the order of the two changes', () => {
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

test('a change that removes the Host header is ignored', () => {
  expect(
    mergeHeaderChanges([
      ['host', 'removed'],
      ['Cookie', 'removed'],
    ]),
  ).toEqual([['Cookie', 'removed']]);
});
