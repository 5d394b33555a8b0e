/**
 * Snippets of the ConfigMap with directives that cannot be used: which part of them is in force, and which paths answer
 * 503.
 */
import { expect, test } from 'vitest';
import { createBuild } from '../app/build.ts';
import type { SettingTexts } from '../model/contract/setting-texts.ts';
import { createRender } from '../render/render.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from './build-fixed.ts';
import { emptyWorld, put } from './incremental/world.ts';

const metadata = { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' };
const NOTHING: SettingTexts = { good: new Map(), refused: new Map() };

function built(data: Record<string, string>, settingTexts: SettingTexts = NOTHING, headersMore = true) {
  const build = createBuild({ ...MODEL_OPTIONS, headersMore }, () => createRender(TEMPLATES, RENDER_OPTIONS));
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const spec = { rules: [{ host: 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] };
  const world = put(emptyWorld(), 'Ingress', 'shop/web', { metadata: { name: 'web', namespace: 'shop' }, spec });
  const { snapshot, overrides } = put(world, 'ConfigMap', MODEL_OPTIONS.configMap, { metadata, data });
  const { artifact, plan, problems } = build(snapshot, { ...overrides, settingTexts });
  const said = problems.filter(({ object }) => object?.kind === 'ConfigMap').map(({ message }) => message);
  return { conf: artifact.conf, good: plan.settingTexts, said };
}

/** nginx refused these directives of the text or, without indexes, the whole text. */
function refused(name: string, text: string, ...indexes: readonly number[]): SettingTexts {
  const directives = indexes.map((index) => [index, 'unknown directive'] as const);
  const refusal = { text, message: 'unknown directive', ...(indexes.length > 0 && { directives }) };
  return { good: new Map(), refused: new Map([[name, refusal]]) };
}

const GUARDED = 'no_such on;\nlocation ~ /\\.git {\n    deny all;\n}';

test('in a new snippet, only the directive that nginx refuses is left out, and access rules apply', () => {
  for (const running of [{}, { running: true as const }]) {
    const texts = { ...refused('server-snippet', GUARDED, 0), ...running };
    const { conf, good, said } = built({ 'server-snippet': GUARDED }, texts);
    expect(conf).not.toContain('no_such');
    expect(conf.match(/location ~ "\/\\\\\.git" \{\n +deny all;/g)).toHaveLength(2);
    expect(said).toEqual([
      'server-snippet contains directives that nginx refuses: "no_such on;" (unknown directive); the other directives are in force',
    ]);
    // With the last good text of this build, the next build gives the same result.
    expect(built({ 'server-snippet': GUARDED }, { ...texts, running: true, good }).conf).toBe(conf);
  }
});

test.each([
  ['server-snippet', 'gzip on; denyy 192.0.2.1;', [1]],
  ['server-snippet', 'if ($a ~ b) { return 403; }', [0]],
  ['location-snippet', 'auth_basic on off;', [0]],
  ['location-snippet', 'access_by_lua_block { ngx.exit(403) }', []],
  ['http-snippet', 'map $a $b { default 1; x }', []],
  ['http-snippet', 'limit_req_zone x; limit_req zone=x', []],
  ['server-snippet', 'location / { deny all; ', []],
])(
  'if no earlier text is in force, an unusable access rule in %s (%s) makes paths answer 503, even in later builds',
  (name, text, indexes) => {
    const texts = refused(name, text, ...indexes);
    const first = built({ [name]: text }, texts);
    expect(first.said.at(-1)).toMatch(/; all paths that it may have guarded answer 503$/);
    expect(first.conf.match(/^ +return 503;$/gm)?.length ?? 0).toBeGreaterThan(0);
    const later = built({ [name]: text }, { ...texts, running: true, good: first.good });
    expect(later.conf).toBe(first.conf);
    // An NGINX that runs without the text needs no protection; one that ran with another text keeps that text.
    expect(built({ [name]: text }, { ...texts, running: true }).conf).not.toContain('return 503;');
    const before = built({ [name]: text }, { ...texts, running: true, good: new Map([[name, '# none']]) });
    expect(before.conf).not.toContain('return 503;');
    // After a correction, the new text is in force.
    expect(built({ [name]: '' }, { ...texts, running: true, good: first.good }).conf).not.toContain('return 503;');
  },
);

test.each([
  ['server-snippet', 'no_such on;', [0]],
  ['server-snippet', 'gzip on', []],
  ['main-snippet', 'allow all;', [0]],
])('an unusable directive that is not an access rule in %s (%s) makes no path answer 503', (name, text, indexes) => {
  const { conf, said } = built({ [name]: text }, refused(name, text, ...indexes));
  expect(conf).not.toContain('return 503;');
  expect(said).toHaveLength(1);
});

test('directives of headers-more load the module, or are left out if the module is not installed', () => {
  const text = 'location /a {\n    more_set_headers "A: b";\n    deny all;\n}\nmore_clear_headers Server;';
  const without = built({ 'server-snippet': text }, NOTHING, false);
  expect(without.conf).not.toMatch(/more_|headers-more/);
  expect(without.conf).toContain('deny all;');
  expect(without.said).toEqual([
    expect.stringContaining("not installed: Debian's libnginx-mod-http-headers-more-filter"),
  ]);
  const there = built({ 'server-snippet': text });
  expect(there.said).toEqual([]);
  expect(there.conf).toContain('load_module /modules/headers-more.so;');
  expect(built({ 'server-snippet': 'deny all;' }).conf).not.toContain('headers-more');
  const own = 'load_module modules/ngx_http_headers_more_filter_module.so;';
  expect(built({ 'server-snippet': text, 'main-snippet': own }).conf).not.toContain('/modules/headers-more.so');
});
