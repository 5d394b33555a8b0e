import { expect, test } from 'vitest';
import { digits, figureRows, markdownTable, plainTable, ratioRows } from './table.ts';

test.each([
  [0.01234, '0.012'],
  [0.5, '0.50'],
  [1.2345, '1.23'],
  [12.345, '12.3'],
  [1234.5, '1,235'],
  [3, '3'],
  [Number.NaN, '–'],
  [undefined, '–'],
])('digits writes %d as %s', (value, text) => {
  expect(digits(value)).toBe(text);
});

test('figureRows writes a dash for a figure that a subject lacks', () => {
  const rows = figureRows([
    { subject: 'ours', values: { 'p50 ms': 1.5, lost: 0 } },
    { subject: 'plain', values: { 'p50 ms': 1 } },
  ]);
  expect(rows).toEqual([
    ['', 'p50 ms', 'lost'],
    ['ours', '1.50', '0'],
    ['plain', '1', '–'],
  ]);
  expect(plainTable(rows)).toBe('       p50 ms  lost\nours     1.50     0\nplain       1     –');
});

test('ratioRows has a column of aims only if at least one ratio has an aim', () => {
  expect(ratioRows([{ what: 'a', value: 1.071 }])).toEqual([
    ['ratio', 'value'],
    ['a', '1.07'],
  ]);
  const rows = ratioRows([{ what: 'a|b', value: 150.2, aim: 'at most 2' }]);
  expect(markdownTable(rows)).toBe('| ratio | value | aim |\n| --- | ---: | ---: |\n| a\\|b | 150 | at most 2 |');
});
