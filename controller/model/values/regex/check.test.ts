import { describe, expect, it, test } from 'vitest';
import { checkPathRegex, checkRegex, checkSearch } from './check.ts';
import { MOST_BYTES, MOST_DEPTH } from './bounds.ts';

const LIMIT = /^\(\*NO_AUTO_POSSESS\)\(\*LIMIT_MATCH=\d+\)\(\*LIMIT_RECURSION=\d+\)/;

describe('a regular expression in a path', () => {
  it.each([
    '/id/[0-9]+$',
    '/id/[0-9]+/edit',
    '/(.*)\\.php$',
    '/(.*)\\.(css|js|png|jpg|jpeg|gif|ico|svg|woff2?)$',
    '/a/(.*)/b/(.*)',
    '/foo(/|$)(.*)',
    '/api/v[0-9]+(/|$)(.*)',
    '/api/v[0-9]+/.*',
    '/([^/]+)/?$',
    '/x/([^/]*)/y/(.*)$',
    '/(?!admin).*$',
    '/(?:en|de|fr)(?:/.*)?$',
    '/foo(/.*)*',
    '/[a-f0-9]{8}-([a-f0-9]{4}-){3}[a-f0-9]{12}$',
    '/{id}/items',
    '/caf\u00e9/(.*)',
    '/(?i)shop/[[:alpha:]_-]+\\.html',
    '/x(?<!y)/z',
    '/[.]x[.:]y',
  ])('is accepted unchanged: %s', (text) => {
    expect(checkPathRegex(text)).toMatchObject({ ok: true, pattern: text, limit: '' });
  });

  it.each(['/a.*b.*c$', '/[a-z]+[a-z0-9]*$', '/(.*)/b/(.*)$'])(
    'gets a limit if its matching time is quadratic: %s',
    (text) => {
      expect(checkPathRegex(text)).toMatchObject({ ok: true, pattern: text, limit: expect.stringMatching(LIMIT) });
    },
  );

  it.each([
    '/slow/(a+)+$',
    '/(a|a)*$',
    '/a.*b.*c.*d.*e$',
    '/(.*a){20}$',
    '/a|[0-9]+x',
    '/(a|b|ab)*c',
    '/.*(|){30}$',
    '/.*[a-z]++[a-z]*x',
    '/(?=(a*)*b)x',
    '/((\u00e9){0,20}|\\h){255}',
    '/(([0-9]?x?){40})?(([0-9]?x?){40}){0,60}',
  ])('is refused if its matching time grows faster than quadratically: %s', (text) => {
    expect(checkPathRegex(text)).toMatchObject({ ok: false });
  });

  it('loses the names of its groups', () => {
    expect(checkPathRegex("/(?<id>[0-9]+)/(?P<name>.*)(?'x'y)")).toMatchObject({
      ok: true,
      pattern: '/([0-9]+)/(.*)(y)',
    });
  });
});

/** Text, the reason why it is refused, and the position of the mistake, counted from 1. */
test.each([
  ['/broken/(x', 'has a ( that is not closed', 9],
  ['/x)', 'has a ) that closes nothing', 3],
  ['/[a', 'has a [ that is not closed', 2],
  ['/[^]', 'has ] first in a class', 4],
  ['/[a-\\d]', 'has a range that ends with a class', 4],
  ['/[\\w-.]', 'has a - after a class', 5],
  ['/[z-a]', 'has a range whose end comes before its start', 4],
  ['/[[:foo:]]', 'has a class within a class', 3],
  ['/[:alpha:]', 'has a class such as [:alpha:] outside of brackets', 2],
  ['/[\u00e9]', 'has a non-ASCII character in a class', 3],
  ['/\u00e9+', 'repeats an element that cannot be repeated', 3],
  ['/a**', 'repeats a repetition', 4],
  ['/a{2}{3}', 'repeats a repetition', 6],
  ['/(+)', 'has a + that repeats nothing', 3],
  ['/a{1,70000}', 'repeats more than 255 times', 3],
  ['/a{65535}', 'repeats more than 255 times', 3],
  ['/a{3,2}', 'has {3,2}, which repeats nothing', 3],
  ['/a{,3}', 'has a { that is not closed as in {2} or {1,3}', 3],
  ['/$*', 'repeats an element that cannot be repeated', 3],
  ['/(a?)*x', 'repeats without limit a part that can be empty', 6],
  ['/\\u0041', 'has \\u, which is not supported', 2],
  ['/\\L', 'has \\L, which is not supported', 2],
  ['/\\K', 'has \\K, which is not supported', 2],
  ['/\\Qa\\E', 'has \\Q, which is not supported', 2],
  ['/\\p{Foo}', 'has \\p, which is not supported', 2],
  ['/\\9', 'has \\9, which is not supported', 2],
  ['/(a)\\2', 'has \\2, which is not supported', 5],
  ['/(a)\\g<1>', 'has \\g, which is not supported', 5],
  ['/\\x4', 'has \\x without two hexadecimal digits', 2],
  ['/\\012', 'has \\0, which is not supported', 2],
  ['/(?x)(x0)?(a +)+$', 'has (?x, which is not supported', 2],
  ['/(?R)', 'has (?R, which is not supported', 2],
  ['/(?1)', 'has (?1, which is not supported', 2],
  ['/(?C1)', 'has (?C, which is not supported', 2],
  ['/(?(1)a)', 'has (?(, which is not supported', 2],
  ['/(?|a)', 'has (?|, which is not supported', 2],
  ['/(?#a)', 'has (?#, which is not supported', 2],
  ['/(*ACCEPT)', 'has (*, which is not supported', 2],
  ['/(?<=a+)b', 'has a lookbehind of unlimited length', 2],
  ['/\\', 'ends with a backslash', 2],
])('%s is refused, because it %s (character %i)', (text, reason, character) => {
  const checked = checkPathRegex(text);
  const told = checked.ok ? '' : checked.reason;
  expect(told).toContain(reason);
  expect(told).toContain(`(character ${character})`);
});

describe('before its matching time is examined, a regular expression is refused if it exceeds the bound on', () => {
  it.each([
    ['length', `/${'a'.repeat(MOST_BYTES)}`, 'bytes; at most'],
    ['depth', `/${'('.repeat(300)}a${')'.repeat(300)}`, `groups nested more than ${MOST_DEPTH} deep`],
    ['nested repetitions', `/${'('.repeat(25)}a${')*'.repeat(25)}`, `groups nested more than ${MOST_DEPTH} deep`],
    ['groups', `/${'(?:a)'.repeat(100)}`, 'more than 60 groups'],
    ['captures', `/${'(a)'.repeat(40)}`, 'more than 30 groups that capture'],
    ['alternatives', `/(${'a|'.repeat(400)}b)`, 'more than 300 alternatives'],
    ['repetitions', `/${'a?'.repeat(200)}`, 'more than 100 repetitions'],
    ['the product of nested repetitions', '/((a{30}){30}){30}', 'too large once its repetitions are written out'],
    ['the complexity of loops', `/(?:x*y){200}$`, 'too complex'],
    [
      'the size with its repetitions written out',
      `/${'a?'.repeat(90)}${'[ab]{0,90}'.repeat(9)}$`,
      'too large once its repetitions are written out',
    ],
  ])('%s', (_, text, reason) => {
    expect(checkPathRegex(text)).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
  });
});

test('a pattern of an alias without an anchor is refused if a search at every position takes too long', () => {
  expect(checkRegex('[0-9]+x')).toMatchObject({ ok: false });
  expect(checkRegex('^[0-9]+x')).toMatchObject({ ok: true });
  expect(checkRegex('^[a-z]+[a-z0-9]*x')).toMatchObject({ ok: false });
  expect(checkRegex(`^[${'ab'.repeat(300)}]+$`)).toMatchObject({ ok: true });
});

describe('a search pattern', () => {
  it.each(['.*beta.*', '^.*(iPhone|Android).*$', 'MSIE [5-8]', 'bot|crawler|spider'])(
    'is accepted unchanged if it is fast: %s',
    (pattern) => {
      expect(checkSearch(pattern)).toMatchObject({ ok: true, pattern, limit: '' });
    },
  );

  it.each(['[a-z]+-beta', String.raw`\d+$`, 'foo.*bar'])(
    'is anchored and gets a limit if it is slow: %s',
    (pattern) => {
      const checked = checkSearch(pattern);
      expect(checked).toMatchObject({ ok: true, limit: expect.stringMatching(LIMIT) });
      expect(checked.ok && checked.pattern.replace(LIMIT, '')).toBe(`\\A(?s:.*?)(?:${pattern})`);
    },
  );

  it('is accepted unchanged if its end always matches, unless its dots do not match line feeds', () => {
    expect(checkSearch('f.*$')).toMatchObject({ ok: true, limit: '' });
    expect(checkSearch('(?-s)f.*$')).toMatchObject({ ok: true, limit: expect.stringMatching(LIMIT) });
    expect(checkSearch('(?i-s:f.*)$')).toMatchObject({ ok: true, limit: expect.stringMatching(LIMIT) });
  });

  it.each(['(?>.*?a)b', '.*+a', '(a+)+$', '(a|a)*b', String.raw`(x+x+)+\.*$`])(
    'is refused if a limit would not make it fast enough: %s',
    (pattern) => {
      expect(checkSearch(pattern)).toMatchObject({ ok: false });
    },
  );

  it.each(['(', 'a)(b', '[a', '*a'])('is refused if its syntax is invalid: %s', (pattern) => {
    expect(checkSearch(pattern)).toMatchObject({ ok: false, reason: expect.stringContaining('(character ') });
  });
});
