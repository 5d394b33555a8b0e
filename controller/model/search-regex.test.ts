/** Patterns that are looked for anywhere: what paths of a bounded length may cost is fine, what has no bound is not. */
import { describe, expect, it } from 'vitest';
import { checkRegex, checkSearch } from './path-regex.ts';

describe('a pattern that is looked for', () => {
  it.each(['.*beta.*', '[a-z]+-beta', '^.*(iPhone|Android).*$', String.raw`\d+$`])(
    'may begin anew at every character: %s',
    (pattern) => {
      expect(checkRegex(pattern)).toMatchObject({ ok: false });
      expect(checkSearch(pattern)).toEqual({ ok: true, pattern });
    },
  );

  it.each(['(a+)+$', '(a|a)*b', String.raw`(x+x+)+\.*$`])('may not backtrack without end: %s', (pattern) => {
    expect(checkSearch(pattern)).toMatchObject({ ok: false });
  });

  it.each(['(', 'a)(b', '[a', '*a'])('has to be one: %s', (pattern) => {
    expect(checkSearch(pattern)).toMatchObject({ ok: false, reason: expect.stringContaining('is not a regular') });
  });

  it('loses the names of its groups', () => {
    expect(checkSearch('^(?<id>[0-9])$')).toEqual({ ok: true, pattern: '^([0-9])$' });
  });
});
