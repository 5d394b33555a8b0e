import { expect, test } from 'vitest';
import { parse } from '../model/values/regex/parser.ts';
import { toBytes } from './bytes.ts';
import { hasStepLimit, matchPcre } from './pcre.ts';

const CASELESS = { caseless: true, dotAll: false };
const EXACT = { caseless: false, dotAll: false };

// Expected values are those of PCRE.
test.each([
  ['^/a(/|$)(.*)', '/a/b', ['/a/b', '/', 'b']],
  ['^/a(/|$)(.*)', '/ab', null],
  ['^/(?<name>[a-z]+)/(\\d+)$', '/x/12', ['/x/12', 'x', '12']],
  ['^/(?:a|b)(c)?', '/bd', ['/b', undefined]],
  ['a$', 'a\n', ['a']],
  ['a\\z', 'a\n', null],
  ['\\Aa\\Z', 'a\n', ['a']],
  ['^a.b', 'a\nb', null],
  ['(?s)^a.b', 'a\nb', ['a\nb']],
  ['(?i)^abc', 'ABC', ['ABC']],
  ['a(?i)b|c', 'xC', ['C']],
  ['(a(?i)b)c', 'aBC', null],
  ['(?i:A)b', 'ab', ['ab']],
  ['(?i-s:a)b', 'aB', null],
  ['(?>a+)b', 'aab', ['aab']],
  ['(?>a|ab)c', 'abc', null],
  ['a*+a', 'aaa', null],
  ['(?:ab?){2}+c', 'abac', ['abac']],
  ['(x)(?>(y)|z)(w)', 'xyw', ['xyw', 'x', 'y', 'w']],
  ['[[:alpha:]_-]+', '9ab_-', ['ab_-']],
  ['[^a-c\\d]', 'a1cx', ['x']],
  ['[\\w.]+\\s', 'a.b ', ['a.b ']],
  ['\\bfoo\\B', 'foox foo', ['foo']],
  ['(?<=/)x(?=y)(?!yz)(?<!a/x)', '/xyw', ['x']],
  ['\\x41\\t', 'A\t', ['A\t']],
  ['a{2,3}?', 'aaa', ['aa']],
  ['ü', 'ü', ['ü']],
  ['Ü', 'ü', null],
])('PCRE matches %s with %j', (pattern, subject, found) => {
  // Parsing removes the names of groups, as in the Plan, and throws if the model's grammar excludes the pattern.
  const bytes = toBytes(parse(pattern).pattern);
  const expected = found?.map((text) => (text === undefined ? undefined : toBytes(text))) ?? null;
  expect(matchPcre(bytes, toBytes(subject), EXACT)).toEqual(expected);
});

test('caseless matching ignores the case of ASCII letters only, even in classes', () => {
  expect(matchPcre('^/API/[a-c]', '/api/B', CASELESS)?.[0]).toBe('/api/B');
  expect(matchPcre('[^a]', 'A', CASELESS)).toBeNull();
  expect(matchPcre(toBytes('É'), toBytes('é'), CASELESS)).toBeNull();
});

test('a limit on the steps, and the prefix of a pattern that is searched for, do not change the match', () => {
  expect(matchPcre('(*NO_AUTO_POSSESS)(*LIMIT_MATCH=10)^/(a)', '/a', EXACT)).toEqual(['/a', 'a']);
  expect(matchPcre('(*LIMIT_MATCH=10)\\A(?s:.*?)(?:(x+)y)', 'a\nxxy', EXACT)).toEqual(['a\nxxy', 'xx']);
  expect(hasStepLimit('(*LIMIT_MATCH=10)^/a')).toBe(true);
  expect(hasStepLimit('(a)')).toBe(false);
});
