import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeHash, readPlace, VIEWS } from './location.ts';

test.each([
  ['', 'overview', {}],
  ['#/', 'overview', {}],
  ['#/nothing?a=b', 'overview', { a: 'b' }],
  ['#/hosts?search=a%26b', 'hosts', { search: 'a&b' }],
  ['#/host?name=', 'host', { name: '' }],
])('%s leads to the view %s', (hash, view, parameters) => expect(readPlace(hash)).toEqual({ view, parameters }));

test('a place that was written is read back, whatever its parameters contain', () => {
  const value = fc.string({ minLength: 1, unit: 'grapheme' });
  fc.assert(
    fc.property(
      fc.constantFrom(...VIEWS),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), value),
      (view, parameters) => {
        expect(readPlace(placeHash(view, parameters))).toEqual({ view, parameters: { ...parameters } });
      },
    ),
  );
});

test('empty parameters are left out, except the name of the catch-all host', () => {
  expect(placeHash('hosts', { search: '' })).toBe('#/hosts');
  expect(placeHash('host', { name: '', tab: '' })).toBe('#/host?name=');
});
