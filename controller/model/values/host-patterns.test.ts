import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AskedNames,
  coveringPatterns,
  hostPatterns,
  keysOfNames,
  keysOfPattern,
  namesOfHost,
} from './host-patterns.ts';

const label = fc.constantFrom('a', 'b', 'c');
const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
const pattern = fc.oneof(
  name,
  name.map((domain) => `*.${domain}`),
  name.map((domain) => `**.${domain}`),
  fc.constantFrom('**', '_'),
);
const asked: fc.Arbitrary<AskedNames> = fc.oneof(
  name.map((each) => ({ kind: 'name' as const, name: each })),
  name.map((domain) => ({ kind: 'label' as const, domain })),
  name.map((domain) => ({ kind: 'below' as const, domain })),
  fc.constant({ kind: 'below' as const, domain: '' }),
);

/** All names with up to five labels of this alphabet. `z` stands for every label that occurs in no pattern. */
const NAMES = (() => {
  let level: readonly string[] = ['a', 'b', 'c', 'z'];
  const all = [...level];
  for (let labels = 2; labels <= 5; labels += 1) {
    level = level.flatMap((each) => ['a', 'b', 'c', 'z'].map((more) => `${more}.${each}`));
    all.push(...level);
  }
  return all;
})();

function matches(text: string, host: string): boolean {
  if (text === '**') return true;
  if (text.startsWith('**.')) return host.endsWith(text.slice(2));
  return text.startsWith('*.') ? host.slice(host.indexOf('.')) === text.slice(1) && host.includes('.') : host === text;
}

function isAsked(names: AskedNames, host: string): boolean {
  switch (names.kind) {
    case 'name':
      return host === names.name;
    case 'label':
      return matches(`*.${names.domain}`, host);
    case 'below':
      return names.domain === '' || matches(`**.${names.domain}`, host);
    case 'rest':
      return false;
  }
}

test('the covering patterns are those that match every name that is asked for', () => {
  fc.assert(
    fc.property(asked, pattern, (names, text) => {
      const wanted = NAMES.filter((host) => isAsked(names, host));
      const covers = text !== '_' && wanted.every((host) => matches(text, host));
      expect(coveringPatterns(names).includes(text)).toBe(covers);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test('names and a pattern share a key of the index if, and only if, the pattern matches one of the names', () => {
  fc.assert(
    fc.property(asked, pattern, (names, text) => {
      const keys = new Set(keysOfPattern(text));
      const touches =
        text === '_'
          ? names.kind === 'below' && names.domain === ''
          : NAMES.some((host) => isAsked(names, host) && matches(text, host));
      expect(keysOfNames(names).some((key) => keys.has(key))).toBe(touches);
    }),
    { numRuns: 300, seed: 2 },
  );
});

test('rules without a host need the pattern _, and get requests for hosts of every other pattern', () => {
  const rest = namesOfHost('');
  expect(coveringPatterns(rest)).toEqual(['_']);
  for (const text of ['_', '**', 'a', 'a.b', '*.a', '**.a.b'])
    expect(keysOfNames(rest).some((key) => keysOfPattern(text).includes(key))).toBe(true);
});

test.each([
  ['shop.example.com', ['shop.example.com']],
  ['Shop.Example.com,\n*.b.test  **.c.test', ['**.c.test', '*.b.test', 'shop.example.com']],
  ['**, _', ['**', '_']],
])('%j is a list of patterns', (text, value) => {
  expect(hostPatterns.parse(text)).toEqual({ ok: true, value });
});

test.each(['*', '*.', '***.a', 'a.*', '*a.test', '~^a$', 'https://a.test', 'a_b.test', '**.', '.a'])(
  '%j is not a pattern',
  (text) => {
    expect(hostPatterns.parse(text).ok).toBe(false);
    const mixed = hostPatterns.parse(`${text}, a.test`);
    expect(mixed).toMatchObject({ ok: true, value: ['a.test'] });
    expect(mixed.ok ? mixed.dropped : '').toContain(text);
  },
);
