/**
 * A guest is an Ingress of a namespace that does not own the host. These tests find paths of guests that get requests
 * which would otherwise go to paths of other namespaces.
 */
import { expect, test } from 'vitest';
import type { PathClaim } from './claims.ts';
import { confinedStart, hasDomain } from '../names/confined.ts';
import { createClaimJudge } from './guest-paths.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import { NO_SETTINGS } from '../../features/location-settings.ts';

test.each([
  ['/api(/|$)(.*)', '/api'],
  ['/api/v1.2/x', '/api/v1'],
  ['/api', '/api'],
  ['/apis?', '/api'],
  ['/a{2}', undefined],
  ['/.*', undefined],
  ['/', undefined],
  ['/.well-known', undefined],
  ['/a|/b', undefined],
  ['/a|', undefined],
  ['/ab(c|d)', '/ab'],
  ['/ab[|]', '/ab'],
  ['/ab[(]|/.*', undefined],
  ['/ab[](]|/.*', undefined],
  ['/ab[^](]|/.*', undefined],
  ['/ab[[:alpha:](]|/.*', undefined],
  ['/ab[\\](]|/.*', undefined],
  ['/ab\\(|/.*', undefined],
  ['/ab(?#()|/.*', undefined],
  ['/ab\\Q(\\E|/.*', undefined],
  ['/ab(?x)(#\n)|/.*', undefined],
  ['/ab)|(/.*', undefined],
] as const)('%s can only match paths that begin with %s', (text, start) => {
  expect(confinedStart(text)).toBe(start);
});

test.each([
  ['^.+\\.example\\.com$', true],
  ['^www\\d+\\.local$', true],
  ['^(?<sub>a|b)\\.example\\.com$', true],
  ['^.*$', false],
  ['.*', false],
  ['\\.com', false],
  ['^.*$|\\.com$', false],
  ['a.com$', false],
  ['\\.co?$', false],
] as const)('pattern %s is limited to names in a domain: %s', (pattern, expected) => {
  expect(hasDomain(pattern)).toBe(expected);
});

type Written = readonly [namespace: string, text: string, type?: 'Exact' | 'Prefix' | 'regex'];

function claimOf([namespace, text, type = 'Prefix']: Written): PathClaim {
  const settings = { ...NO_SETTINGS, regex: type === 'regex' };
  const path = { type: type === 'Exact' ? ('Exact' as const) : ('Prefix' as const), text, settings, field: [] };
  const model = { ref: { kind: 'Ingress', namespace, name: namespace }, hosts: new Map([['h', [path]]]) };
  return { model, path } as unknown as PathClaim & { readonly model: IngressModel };
}

/** Verdict on the last of these paths of one host. The first path is the oldest: its namespace owns the host. */
function taken(isolated: boolean, ...written: readonly Written[]): string | undefined {
  const claims = written.map(claimOf);
  const isGuest = ({ ref }: IngressModel) => ref.namespace !== 'own';
  const judge = createClaimJudge(
    'h',
    claims.map(({ model }) => model),
    isGuest,
    isolated,
  );
  const found = claims.map(judge).at(-1);
  return found === undefined ? undefined : `${found.said} of ${found.from.ref.namespace}${found.harmless ? '!' : ''}`;
}

test.each<[string | undefined, ...Written[]]>([
  [undefined, ['own', '/a'], ['own', '/a/b']],
  [undefined, ['own', '/a'], ['b', '/b']],
  [undefined, ['own', '/a'], ['b', '/ab']],
  [undefined, ['own', '/a'], ['b', '/a']],
  [undefined, ['own', '/'], ['b', '/']],
  [undefined, ['own', '/a', 'Exact'], ['b', '/a']],
  [undefined, ['own', '/a', 'Exact'], ['b', '/a/b']],
  ['path /b below / of own!', ['own', '/'], ['b', '/b']],
  ['Exact path / of own', ['own', '/'], ['b', '/', 'Exact']],
  ['Exact path /a of own', ['own', '/a'], ['b', '/a', 'Exact']],
  ['Exact path /A of own', ['own', '/a'], ['b', '/A', 'Exact']],
  ['Exact path /a of own', ['own', '/a/'], ['b', '/a', 'Exact']],
  ['path /a/ (the same as /a) of own', ['own', '/a'], ['b', '/a/']],
  ['path /a/b within /a of own', ['own', '/'], ['own', '/a'], ['b', '/a/b']],
  ['path /ab/c within /ab of own', ['own', '/ab(/|$)(.*)', 'regex'], ['b', '/ab/c']],
  ['path /abc within /ab of own', ['own', '/ab(/|$)(.*)', 'regex'], ['b', '/abc']],
  ['path /ab within /ab of own', ['own', '/ab(/|$)(.*)', 'regex'], ['b', '/ab']],
  ['path /c/d within /c of b', ['own', '/a'], ['b', '/c'], ['c', '/c/d']],
  ['regular expression /.* of own', ['own', '/a'], ['b', '/.*', 'regex']],
  ['regular expression /a.* of own', ['own', '/admin'], ['b', '/a.*', 'regex']],
  ['regular expression /A.* of own', ['own', '/admin'], ['b', '/A.*', 'regex']],
  ['regular expression /c.* of b', ['own', '/a'], ['b', '/cd'], ['c', '/c.*', 'regex']],
  ['path /a/.* within /a of own', ['own', '/a'], ['b', '/a/.*', 'regex']],
  ['path /b(/|$)(.*) below / of own!', ['own', '/'], ['b', '/b(/|$)(.*)', 'regex']],
  [undefined, ['own', '/a'], ['b', '/b(/|$)(.*)', 'regex']],
])('the verdict on the youngest path is "%s"; the oldest two paths are %j and %j', (expected, ...written) => {
  expect(taken(false, ...written)).toBe(expected);
});

test("an older regular expression of a guest also gets requests for younger paths of the host's owner", () => {
  const claims = [
    ['own', '/'],
    ['b', '/c.*', 'regex'],
    ['own', '/cart'],
  ] as const;
  const [first, guest, cart] = claims.map((each) => claimOf(each));
  if (first === undefined || guest === undefined || cart === undefined) throw new Error('three are needed');
  const isGuest = ({ ref }: IngressModel) => ref.namespace !== 'own';
  const judge = createClaimJudge('h', [first.model, guest.model, cart.model], isGuest, true);
  expect([first, guest, cart].map(judge).map((found) => found?.said)).toEqual([
    undefined,
    'regular expression /c.*',
    undefined,
  ]);
});

test('with isolation, a refused path is ignored when younger paths are judged', () => {
  const written: Written[] = [
    ['own', '/a'],
    ['b', '/a/b'],
    ['c', '/a/b/c'],
  ];
  expect(taken(false, ...written)).toBe('path /a/b/c within /a/b of b');
  expect(taken(true, ...written)).toBe('path /a/b/c within /a of own');
});

test('thousands of long paths of a guest are judged in reasonable time', () => {
  const long = (start: string) => `/${start}${'/x'.repeat(990)}`;
  const own = Array.from({ length: 3000 }, (_, i): Written => ['own', `/own${i}`]);
  const guests = Array.from({ length: 700 }, (_, i): Written => ['b', long(`g${i}`)]);
  const claims = [...own, ...guests].map((each) => claimOf(each));
  const isGuest = ({ ref }: IngressModel) => ref.namespace !== 'own';
  const judge = createClaimJudge(
    'h',
    claims.map(({ model }) => model),
    isGuest,
    true,
  );
  expect(claims.filter((claim) => judge(claim) !== undefined)).toEqual([]);
});
