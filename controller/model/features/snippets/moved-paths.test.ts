/** Rewrites in a server-snippet that change the path so that another location would match. */
import { expect, test } from 'vitest';
import type { Match } from '../../../types/plan.ts';
import { compileSnippet } from '../../values/snippets/compile.ts';
import { leadsElsewhere, withoutMoves } from './moved-paths.ts';

function scriptOf(text: string) {
  const parsed = compileSnippet(text, 'server');
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value.script;
}

const ROOT: Match = { kind: 'prefix', text: '/' };

test.each([
  ['rewrite ^/a /b/c last;', [ROOT], undefined],
  ['rewrite ^/a /b/c last;', [ROOT, { kind: 'prefix', text: '/b/' }], '/b/c'],
  ['rewrite ^/a /b/c last;', [ROOT, { kind: 'prefix', text: '/c/' }, { kind: 'exact', text: '/b' }], undefined],
  ['rewrite ^/a /b/c last;', [ROOT, { kind: 'exact', text: '/b/c' }], '/b/c'],
  ['rewrite ^/a/(.*) /b$1 last;', [ROOT, { kind: 'prefix', text: '/bc/' }], '/b'],
  ['rewrite ^/a/(.*) /b$1 last;', [ROOT, { kind: 'exact', text: '/bc' }], '/b'],
  ['if ($arg_a) { rewrite ^/a /b/c break; }', [ROOT, { kind: 'regex', text: '^/x' }], '/b/c'],
  ['rewrite ^/a /b permanent;', [ROOT, { kind: 'prefix', text: '/b/' }], undefined],
] as const)(
  'whether the server-snippet "%s" moves a request to another of the locations %j',
  (text, locations, expected) => {
    expect(leadsElsewhere(scriptOf(text), locations)).toBe(expected);
  },
);

test('outside the location of /, a rewritten request gets 503, and the other steps of the snippet apply', () => {
  const script = scriptOf('set $a b; if ($arg_a) { rewrite ^/a /b last; } location /c { deny all; }');
  expect(withoutMoves(script)).toEqual({
    steps: [
      { set: 'a', to: ['b'] },
      {
        if: { of: ['$arg_a'], is: 'filled' },
        steps: [{ if: { of: ['$uri'], is: 'match', pattern: '^/a' }, steps: [{ return: 503 }] }],
      },
    ],
    last: script.last,
  });
});
