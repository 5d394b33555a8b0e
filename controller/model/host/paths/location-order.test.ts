import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Match } from '../../../types/plan.ts';
import { inNginxOrder } from './location-order.ts';

function written(matches: readonly Match[]): string[] {
  return matches.map(({ kind, text }) => `${{ exact: '= ', prefix: '', regex: '~* ' }[kind]}${text}`);
}

test('exact paths precede prefixes, / precedes other characters, and regexes are last, longest first', () => {
  const matches: Match[] = [
    { kind: 'regex', text: '^/a' },
    { kind: 'prefix', text: '/a-b/' },
    { kind: 'prefix', text: '/a/' },
    { kind: 'regex', text: '^/longer' },
    { kind: 'exact', text: '/a' },
    { kind: 'prefix', text: '/' },
    { kind: 'exact', text: '/a/' },
    { kind: 'regex', text: '^/b' },
    { kind: 'exact', text: '/a-b' },
    { kind: 'exact', text: '/a!' },
    { kind: 'exact', text: '/' },
  ];
  expect(written(matches.toSorted(inNginxOrder))).toEqual([
    '= /',
    '/',
    '= /a',
    '= /a/',
    '/a/',
    '= /a!',
    '= /a-b',
    '/a-b/',
    '~* ^/longer',
    '~* ^/b',
    '~* ^/a',
  ]);
});

test('a plain path among regular expressions is ordered by the length of the path, not of its pattern', () => {
  const matches: Match[] = [
    { kind: 'regex', text: '^/a\\.b\\.c/', literal: '/a.b.c/' },
    { kind: 'regex', text: '^/longer/x' },
    { kind: 'regex', text: '^/short' },
  ];
  expect(matches.toSorted(inNginxOrder).map(({ text }) => text)).toEqual(['^/longer/x', '^/a\\.b\\.c/', '^/short']);
});

/** nginx's ngx_http_cmp_locations for exact and prefix locations; compares bytes, including the terminating zero. */
function compareAsNginx(a: Match, b: Match): number {
  const [left, right] = [a, b].map(({ text }) => [...Buffer.from(`${text}\0`)]) as [number[], number[]];
  for (let at = 0; ; at += 1) {
    const [one = 0, other = 0] = [left[at], right[at]];
    if (one === 0 && other === 0) break;
    if (one === other) continue;
    if (one === 0 || other === 0) return one - other;
    return (one === 0x2f ? 0 : one) - (other === 0x2f ? 0 : other);
  }
  return a.kind === b.kind ? 0 : a.kind === 'exact' ? -1 : 1;
}

test('exact and prefix locations are in the order into which nginx sorts them', () => {
  const character = fc.oneof(fc.constantFrom('/', 'a', 'b', '-', '.', '~'), fc.constantFrom('é', '\uffee', '😀'));
  const text = fc.array(character, { maxLength: 5 }).map((characters) => `/${characters.join('')}`);
  const match = fc.record({ kind: fc.constantFrom('exact' as const, 'prefix' as const), text });
  fc.assert(
    fc.property(fc.array(match, { maxLength: 12 }), (matches) => {
      const sorted = matches.toSorted(inNginxOrder);
      for (const [index, each] of sorted.entries()) {
        const before = sorted[index - 1];
        if (before !== undefined) expect(compareAsNginx(before, each)).toBeLessThanOrEqual(0);
      }
    }),
    { seed: 1 },
  );
});
