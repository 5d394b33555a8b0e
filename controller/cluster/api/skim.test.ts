import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, shown, standIn } from '../../types/left-out.ts';
import { MOST_LEVELS, type Rule, Skimmer } from './skim.ts';

/** Passes a string to a Skimmer in chunks of these lengths, which repeat. */
function skim(text: string, rule: Rule, lines: boolean, lengths: readonly number[]) {
  const skimmer = new Skimmer(rule, lines);
  const bytes = Buffer.from(text);
  const documents: string[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = lengths[turn % lengths.length] ?? 1;
    documents.push(...skimmer.push(bytes.subarray(at, at + length)).map((document) => document.text));
    at += length;
  }
  return { documents, rest: skimmer.rest() };
}

const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('items', '"items":[', '\\', '"', '],[{}', '\\"', '\u0007\u2028', '😀'),
);
const value = fc.oneof(fc.jsonValue(), fc.dictionary(text, text), fc.array(text), text);

/** Escapes all characters that are not printable ASCII, as some encoders do. */
function escaped(json: string): string {
  return json.replace(/[^\n\u0020-\u007e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const LIST: Rule = {
  fields: new Map<string, Rule | null>([
    ['metadata', {}],
    ['items', { items: { document: true } }],
    ['left', null],
  ]),
  others: {},
};

test('a Skimmer returns the items and the envelope of a list, however its bytes are split', () => {
  const list = fc.record({ metadata: value, left: value, items: fc.array(value), other: value });
  const order = fc.shuffledSubarray(['metadata', 'left', 'items', 'other'] as const, { minLength: 4 });
  fc.assert(
    fc.property(list, order, lengths, fc.constantFrom(0, 1), fc.boolean(), (record, names, chunks, space, escapes) => {
      const whole = Object.fromEntries(names.map((name) => [name, record[name]]));
      const json = JSON.stringify(whole, null, space);
      const { documents, rest } = skim(escapes ? escaped(json) : json, LIST, false, chunks);
      // Strings are compared instead of values, because JSON.parse of Node 24 occasionally misreads a name like
      // "\\\u0426".
      const written = (kept: unknown) => (escapes ? escaped(JSON.stringify(kept)) : JSON.stringify(kept));
      expect(documents).toEqual(record.items.map(written));
      const { left: _, ...around } = whole;
      expect(rest).toBe(written({ ...around, items: [] }));
    }),
    { numRuns: 1000 },
  );
});

const MOST = 3;
const EVENT: Rule = {
  document: true,
  fields: new Map<string, Rule | null>([
    ['type', {}],
    [
      'object',
      {
        fields: new Map<string, Rule | null>([
          ['paths', { items: {}, most: MOST, rest: (count) => JSON.stringify(standIn(count)) }],
          ['texts', { text: 1000 }],
          ['left', null],
        ]),
      },
    ],
  ]),
};

test('the rules decide which parts of the lines of a watch are left out', () => {
  const member = fc.dictionary(fc.constantFrom('paths', 'texts', 'left', 'unknown'), value);
  const event = fc.record({
    object: fc.oneof(member, fc.record({ paths: fc.array(value), left: value, texts: text, other: value })),
    type: fc.constantFrom('ADDED', 'DELETED'),
    more: value,
  });
  fc.assert(
    fc.property(fc.array(event), lengths, fc.boolean(), (events, chunks, escapes) => {
      const json = events.map((each) => JSON.stringify(each));
      const { documents, rest } = skim(`${(escapes ? json.map(escaped) : json).join('\n')}\n`, EVENT, true, chunks);
      expect(rest).toBe('');
      const kept = events.map(({ object, type }) => {
        const members = Object.entries(object).filter(([name]) => name === 'paths' || name === 'texts');
        const cut = members.map(([name, each]: [string, unknown]) =>
          name === 'paths' && Array.isArray(each) && each.length > MOST
            ? [name, [...(each as unknown[]).slice(0, MOST), standIn(each.length - MOST)]]
            : [name, each],
        );
        return JSON.stringify({ object: Object.fromEntries(cut) as object, type });
      });
      expect(documents).toEqual(escapes ? kept.map(escaped) : kept);
    }),
    { numRuns: 1000 },
  );
});

test('a long string is shortened, however the string is split or escaped', () => {
  const long = fc.array(fc.oneof(text, fc.constantFrom('é', '😀', '\n', '"', 'x'.repeat(700))), {
    minLength: 200,
    maxLength: 300,
  });
  fc.assert(
    fc.property(long, fc.integer({ min: 1, max: 3000 }), fc.boolean(), (parts, length, escapes) => {
      const whole = Buffer.from(parts.join('')).toString();
      fc.pre(Buffer.byteLength(whole) > 1000);
      const json = `${JSON.stringify({ type: 'ADDED', object: { texts: whole, left: whole } })}\n`;
      const { documents } = skim(escapes ? escaped(json.trim()) + '\n' : json, EVENT, true, [length]);
      expect(documents).toHaveLength(1);
      expect(documents[0]?.length).toBeLessThan(1000);
      const { object } = JSON.parse(documents[0] ?? '') as { object: { texts: string } };
      expect(bytesOf(object.texts)).toBe(Buffer.byteLength(whole));
      expect(shown(object.texts)).toBe(Buffer.from(whole.slice(0, 100)).toString());
      expect(Object.keys(object)).toEqual(['texts']);
    }),
    { numRuns: 100 },
  );
});

test.each([
  ['{"type":"ADDED","object":{"texts":"a'],
  ['{"type":"ADDED","object":{"left":"a'],
  ['garbage'],
  ['{"type"'],
  ['}'],
])('a truncated line does not affect the next line: %s', (broken) => {
  const good = '{"type":"ADDED","object":{"texts":"b"}}';
  for (const length of [1, 7, 1000]) {
    const { documents } = skim(`${broken}\n\n${good}\n`, EVENT, true, [length]);
    expect(documents).toHaveLength(2);
    expect(() => JSON.parse(documents[0] ?? '') as unknown).toThrow(SyntaxError);
    expect(documents[1]).toBe(good);
  }
});

test('a Skimmer counts pending bytes until their document ends', () => {
  const skimmer = new Skimmer(EVENT, true);
  skimmer.push(Buffer.from(`{"type":"ADDED","object":{"left":"${'x'.repeat(5000)}`));
  expect(skimmer.pending).toBeGreaterThan(5000);
  skimmer.push(Buffer.from('"}}\n'));
  expect(skimmer.pending).toBe(0);
});

function nested(levels: number): string {
  return `${'[{"a":'.repeat(levels / 2)}"x"${'}]'.repeat(levels / 2)}`;
}

test.each([1, 7, 1000])('a document that is too deep is marked, and the others are kept, in chunks of %i', (length) => {
  // The items are two levels below the list.
  const [most, more] = [MOST_LEVELS - 2, MOST_LEVELS];
  const items = ['{"a":1}', nested(most), `{"name":"deep","d":${nested(more)},"z":[${nested(more)},1]}`, '{"b":[]}'];
  const bytes = Buffer.from(`{"metadata":{"deep":${nested(1000)}},"items":[${items.join()}]}`);
  const skimmer = new Skimmer(LIST, false);
  const found = [];
  for (let at = 0; at < bytes.length; at += length) found.push(...skimmer.push(bytes.subarray(at, at + length)));
  expect(found.map(({ isTooDeep }) => isTooDeep)).toEqual([false, false, true, false]);
  expect([found[0]?.text, found[1]?.text, found[3]?.text]).toEqual([items[0], items[1], items[3]]);
  // What is not too deep of the object is kept, such as its name.
  expect(JSON.parse(found[2]?.text ?? '')).toMatchObject({ name: 'deep' });
  expect(found[2]?.text.length).toBeLessThan(items[2]?.length ?? 0);
});

test('beyond the depth, brackets are neither kept nor counted as values', () => {
  const skimmer = new Skimmer({}, false);
  skimmer.push(Buffer.from('['.repeat(100_000)));
  expect([skimmer.isTooDeep, skimmer.values, skimmer.rest().length]).toEqual([true, MOST_LEVELS + 1, MOST_LEVELS + 1]);
});

test('a list in place of a map has no part that the rules name', () => {
  const rule: Rule = { document: true, fields: new Map([['spec', { fields: new Map([['host', {}]]) }]]) };
  expect(skim('{"spec":[[],{"host":1},2]}', rule, false, [3]).documents).toEqual(['{"spec":[]}']);
});
