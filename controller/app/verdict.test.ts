import { expect, test } from 'vitest';
import type { ObjectRef, Problem } from '../types/problem.ts';
import { verdictOf } from './verdict.ts';

const candidate: ObjectRef = { kind: 'Ingress', namespace: 'shop', name: 'web' };
const other: ObjectRef = { kind: 'Ingress', namespace: 'team', name: 'web' };
const strict = { allowsDuplicatePaths: false };

function problem(more: Partial<Problem>): Problem {
  return { code: 'c', severity: 'warning', effect: 'none', object: candidate, message: 'is odd', ...more };
}

const verdict = (after: readonly Problem[], before: readonly Problem[] = []) =>
  verdictOf({ before, after }, candidate, undefined, strict);

const refused = problem({ code: 'invalid-host', severity: 'error', effect: 'path-ignored', message: 'bad host' });

test('warnings name the object, the worst first, and those of the candidate before those of other objects', () => {
  expect(
    verdict([
      problem({ object: other, message: 'loses' }),
      problem({ severity: 'notice', message: 'small' }),
      problem({ severity: 'error', message: 'large', example: 'a: b' }),
      problem({ severity: 'notice', message: 'small' }),
    ]),
  ).toEqual({
    warnings: [
      'Ingress shop/web: large; for example a: b',
      'Ingress shop/web: small',
      'with this change, Ingress team/web: loses',
    ],
  });
});

test('what denies is not repeated as a warning', () => {
  expect(verdict([problem({ message: 'also odd' }), refused])).toEqual({
    denial: 'Ingress shop/web: bad host (the path is left out)',
    warnings: ['Ingress shop/web: also odd'],
  });
});

test('a Problem that the stored version has, too, only warns; other objects are mentioned only if they change', () => {
  const theirs = problem({ object: other, message: 'was so before' });
  expect(verdict([refused, theirs], [refused, theirs])).toEqual({
    warnings: ['Ingress shop/web: bad host (the path is left out)'],
  });
});

test('states that last only for a moment are not mentioned', () => {
  expect(verdict([problem({ code: 'no-endpoints' }), problem({ code: 'unresolved-external-name' })])).toEqual({
    warnings: [],
  });
});

test('a long warning loses its example first, and is then cut at a character', () => {
  const long = problem({ message: 'm'.repeat(200), example: 'e'.repeat(100) });
  const wide = problem({ message: 'é'.repeat(300) });
  const [first = '', second = ''] = verdict([long, wide]).warnings;
  expect(first).toBe(`Ingress shop/web: ${'m'.repeat(200)}`);
  expect(second).toMatch(/^Ingress shop\/web: é+…$/);
  expect(Buffer.byteLength(second)).toBeLessThanOrEqual(256);
});

test('all warnings together stay within 4,096 bytes, and the last one counts those that are left out', () => {
  const many = Array.from({ length: 100 }, (_, index) => problem({ message: `${index} ${'x'.repeat(180)}` }));
  const { warnings } = verdict(many);
  expect(warnings.reduce((sum, each) => sum + Buffer.byteLength(each), 0)).toBeLessThanOrEqual(4096);
  expect(warnings.at(-1)).toBe(`and ${100 - warnings.length + 1} more: tidegate check lists all`);
});

test('an Ingress whose build fails is denied', () => {
  const { denial } = verdictOf({ before: [], after: [] }, candidate, new Error('boom'), strict);
  expect(denial).toMatch(/^Ingress shop\/web: Tidegate fails .*boom.* fault of Tidegate/);
});
