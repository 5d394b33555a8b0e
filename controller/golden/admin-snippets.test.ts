/** Snippets of the ConfigMap in nginx.conf, and which of their texts is in force. */
import { expect, test } from 'vitest';
import { NO_TEXTS, snippetsIn, withGoodSnippets } from '../model/admin-snippets.ts';
import { ConfTree } from '../types/conf-tree.ts';
import { emptySnapshot } from '../types/snapshot.ts';
import { assembleFixed } from './assemble.ts';

const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' };
const data = {
  'main-snippet': 'env A;\nenv B;',
  'http-snippet': 'map $a $b { # "}\n default "x;}"; }',
  'server-snippet': 'if ($a) { return 403; }',
  'location-snippet': "log_by_lua_block { local t = { '}' } }",
};

function confOf(texts: Record<string, string>): string {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const spec = { rules: [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] };
  return assembleFixed({
    ...emptySnapshot(),
    Ingress: new Map([['shop/web', { metadata: { name: 'web', namespace: 'shop' }, spec }]]),
    ConfigMap: new Map([['ingress-nginx/ingress-nginx-controller', { metadata, data: texts }]]),
  }).artifact.conf;
}

test('are found again in nginx.conf, so that the last good ones outlive the controller', () => {
  const found = snippetsIn(confOf(data));
  expect([...found.keys()]).toEqual(Object.keys(data));
  for (const [name, text] of Object.entries(data))
    expect(new ConfTree(found.get(name) ?? '', 0).text).toBe(new ConfTree(text, 0).text);
  expect(snippetsIn(confOf({})).size).toBe(0);
});

test('one that cannot be read, or that nginx refused, gives way to the last good text of its key', () => {
  const good = new Map([['http-snippet', 'expires 1h;']]);
  const refused = new Map([['http-snippet', { text: 'x y;', message: 'unknown directive "x"' }]]);
  const texts = { 'http-snippet': 'x y;', 'server-snippet': 'return 200 }', 'main-snippet': 'env A;' };
  const mended = withGoodSnippets({ metadata, data: texts }, { good, refused });
  expect(mended?.configMap.data).toEqual({
    'http-snippet': 'expires 1h;',
    'server-snippet': '',
    'main-snippet': 'env A;',
  });
  expect(mended?.problems.map(({ message }) => message)).toEqual([
    'http-snippet is refused by nginx: unknown directive "x"; its last good text stays in force',
    'server-snippet is not what nginx can read: line 1: unexpected "}"; it is left out',
  ]);
});

test('another text than the one that was refused is tried', () => {
  const refused = new Map([['http-snippet', { text: 'x y;', message: '' }]]);
  expect(withGoodSnippets({ metadata, data: { 'http-snippet': 'expires 1h;' } }, { ...NO_TEXTS, refused })).toBe(
    undefined,
  );
});
