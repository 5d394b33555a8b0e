import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createItemSplitter } from './list-items.ts';

/** Cut up into chunks of these lengths, over and over. */
function split(text: string, lengths: readonly number[]): { items: string[]; rest: string } {
  const splitter = createItemSplitter();
  const bytes = Buffer.from(text);
  const items: string[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    items.push(...splitter.push(bytes.subarray(at, at + length)));
    at += length;
  }
  return { items, rest: splitter.rest() };
}

test('however a list is cut up, its items and what is around them come out', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('items', '"items":[', '\\', '"', '],[{}', '\\"'),
  );
  const value = fc.oneof(fc.jsonValue(), fc.dictionary(text, text), fc.array(text), text);
  const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
  const list = fc.record({ metadata: value, first: value, items: fc.array(value), last: value });
  const order = fc.shuffledSubarray(['metadata', 'first', 'items', 'last'] as const, { minLength: 4 });
  fc.assert(
    fc.property(list, order, lengths, fc.constantFrom(0, 1), (record, names, chunks, space) => {
      const whole = Object.fromEntries(names.map((name) => [name, record[name]]));
      const { items, rest } = split(JSON.stringify(whole, null, space), chunks);
      expect(items.map((item) => JSON.parse(item) as unknown)).toEqual(JSON.parse(JSON.stringify(record.items)));
      expect(JSON.parse(rest)).toEqual(JSON.parse(JSON.stringify({ ...whole, items: [] })));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['{"metadata":{},"items":null}', { metadata: {}, items: null }],
  ['{"items":{"items":[1,2]}}', { items: { items: [1, 2] } }],
  [String.raw`{"\"items":[1]}`, { '"items': [1] }],
  ['{"more":[["items"],{"items":[3]}]}', { more: [['items'], { items: [3] }] }],
  ['"text"', 'text'],
])('%s has no items', (text, rest) => {
  const found = split(text, [3]);
  expect(found.items).toEqual([]);
  expect(JSON.parse(found.rest)).toEqual(rest);
});

test.each(['{"items":[{"a":1}', '{"items":[{"a":1},,{}]}', '{"items":[{"a":1}{"b":2}]}', '{"items":[{"a":1]}', 'no'])(
  'of %s, which is not JSON, one piece is not',
  (text) => {
    const { items, rest } = split(text, [5]);
    expect(() => [...items, rest].map((piece) => JSON.parse(piece) as unknown)).toThrow();
  },
);
