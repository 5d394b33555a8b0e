/** Notices about paths that look like regular expressions but are plain text, and about paths that get no requests. */
import { expect, test } from 'vitest';
import type { Match } from '../../../types/plan.ts';
import type { PathClaim } from './claims.ts';
import { inNginxOrder } from './location-order.ts';
import { plainPatterns } from './path-notices.ts';
import { countGroups } from '../../values/regex/groups.ts';
import { shadowedDrafts } from './shadowed-drafts.ts';

test.each([
  ['/a', 0],
  ['/a(/|$)(.*)', 2],
  ['/a(?:b)(?i)(?=c)(?<!d)', 0],
  ['/a(?<name>b)(?P<other>c)', 2],
  ['/a[(](b)', 1],
  [String.raw`/a\((b)\)`, 1],
  [String.raw`/a[\](](b)`, 1],
])('path %s has %i capture groups', (text, count) => {
  expect(countGroups(text)).toBe(count);
});

const model = { ref: { kind: 'Ingress', namespace: 'a', name: 'b' }, prefix: 'p' };

function claimOf(text: string): PathClaim {
  return { model, path: { text, field: [] } } as unknown as PathClaim;
}

test.each([
  ['/a.b/c-d_e~f', false],
  ['/a(1)', false],
  ['/wiki/C_(language)', false],
  ['/a+b', false],
  ['/a$b', false],
  ['/a/.*', true],
  ['/a/.+', true],
  ['/a(/|$)', true],
  ['/[a-z]/b', true],
  [String.raw`/a\.js`, true],
  ['/^a', true],
  ['/a$', true],
  ['/*', true],
])('path %s, which is matched as plain text, is reported as a likely regular expression: %s', (text, expected) => {
  expect(plainPatterns('a.test', [claimOf(text)]).length === 1).toBe(expected);
});

function shadows(...paths: readonly string[]): string[] {
  const drafts = paths.flatMap((path) => {
    const match: Match = { kind: 'regex', text: `^${path}`, path };
    return [{ match, claim: claimOf(path) }];
  });
  const inOrder = [...drafts].sort((a, b) => inNginxOrder(a.match, b.match));
  return shadowedDrafts(inOrder).map(({ claim, by }) => `${claim.path.text} by ${by.path.text}`);
}

test('a path gets no requests if an earlier regular expression matches all of its requests', () => {
  expect(shadows('/(.*)', '/ws/', '/test/')).toEqual(['/ws/ by /(.*)']);
  expect(shadows('/API/long(.*)', '/api/longer')).toEqual(['/api/longer by /API/long(.*)']);
  expect(shadows('/api(/|$)(.*)', '/api/v', '/apix')).toEqual(['/api/v by /api(/|$)(.*)']);
  expect(shadows('/a', '/abc', '/b.*', '/')).toEqual([]);
  expect(shadows('/a([0-9]+)/x', '/a1')).toEqual([]);
  expect(shadows('/(a|b)', '/c.*')).toEqual([]);
});

test('the time to find notices is proportional to the number of paths', () => {
  const seconds = (count: number): number => {
    const paths = Array.from({ length: count }, (_, index) => `/${'('.repeat(50)}${'['.repeat(50)}${index}/(.*)`);
    const began = process.cpuUsage().user;
    for (const text of paths) plainPatterns('', [claimOf(text)]);
    shadows(...paths);
    return process.cpuUsage().user - began;
  };
  seconds(2000);
  expect(seconds(8000) / seconds(2000)).toBeLessThan(12);
});
