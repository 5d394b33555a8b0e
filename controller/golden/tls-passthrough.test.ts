/** TLS passthrough: which server names get an entry, what njs reads about them, and who listens on the TLS port. */
import type { V1Ingress } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { createBuild } from '../app/build.ts';
import { judgeSource } from '../explain/address-rules.ts';
import { REASONS_ONLY } from '../types/request-metrics.ts';
import { serverNameFile } from '../types/stream.ts';
import { createRender } from '../render/render.ts';
import type { RenderOptions } from '../render/options.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from './build-fixed.ts';
import { backendOf } from './incremental/names.ts';
import { emptyWorld, put } from './incremental/world.ts';

const PREFIX = 'nginx.ingress.kubernetes.io';
const PASSED = { [`${PREFIX}/ssl-passthrough`]: 'true' };

interface Given {
  readonly host: string;
  readonly path?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly namespace?: string;
}

function ingress(name: string, { host, path = '/', annotations = PASSED, namespace = 'shop' }: Given): V1Ingress {
  const paths = [{ path, pathType: 'Prefix', backend: backendOf(name, 443) }];
  return {
    metadata: { namespace, name, annotations: { ...annotations } },
    spec: { rules: [{ host, http: { paths } }] },
  };
}

/** The results for several lists of Ingresses, which are built one after the other as by one controller. */
function built(
  worlds: readonly (readonly V1Ingress[])[],
  more: Partial<typeof MODEL_OPTIONS> = {},
  pass = true,
  data: Readonly<Record<string, string>> = {},
  site: Partial<RenderOptions> = {},
) {
  const capabilities: RenderOptions['capabilities'] = { ...RENDER_OPTIONS.capabilities, streamPass: pass };
  const render = createRender(TEMPLATES, { ...RENDER_OPTIONS, capabilities, ...site });
  const build = createBuild({ ...MODEL_OPTIONS, sslPassthrough: true, ...more }, () => render);
  return worlds.map((ingresses) => {
    let world = emptyWorld();
    const [namespace = '', name = ''] = MODEL_OPTIONS.configMap.split('/');
    world = put(world, 'ConfigMap', MODEL_OPTIONS.configMap, { metadata: { namespace, name }, data: { ...data } });
    for (const each of ingresses)
      world = put(world, 'Ingress', `${each.metadata?.namespace}/${each.metadata?.name}`, each);
    return build(world.snapshot, world.overrides);
  });
}

function entries(...ingresses: readonly V1Ingress[]) {
  return Object.fromEntries(built([ingresses])[0]?.plan.live.passthrough ?? []);
}

const PLAIN = { annotations: {} } as const;

test('a host with the annotation and its exact aliases are passed to the Service of the path /', () => {
  const annotations = { ...PASSED, [`${PREFIX}/server-alias`]: 'b.test,~^c[0-9]$' };
  const passed = { backend: 'shop/web/443', ingress: 'shop/web' };
  expect(entries(ingress('web', { host: 'a.test', annotations }))).toEqual({ 'a.test': passed, 'b.test': passed });
  expect(entries(ingress('web', { host: 'a.test', ...PLAIN }))).toEqual({});
});

test('below a wildcard host that is passed through, other hosts have an entry', () => {
  const others = [
    ingress('own', { host: 'own.a.test', ...PLAIN }),
    ingress('deep', { host: 'x.own.a.test', ...PLAIN }),
  ];
  expect(entries(ingress('web', { host: '*.a.test' }), ...others)).toEqual({
    '*.a.test': { backend: 'shop/web/443', ingress: 'shop/web' },
    'own.a.test': 'terminated',
  });
  const [, before, after] = built([[...others], [ingress('web', { host: '*.a.test' }), ...others], others]);
  expect([before?.plan.live.passthrough.size, after?.plan.live.passthrough.size]).toEqual([2, 0]);
});

test.each([
  [
    'service-upstream selects the cluster IP',
    { 'service-upstream': 'true' },
    { backend: 'shop/web/443.service', ingress: 'shop/web' },
  ],
  [
    'a redirect of plain HTTP has no effect',
    { 'permanent-redirect': 'https://b.test' },
    { backend: 'shop/web/443', ingress: 'shop/web' },
  ],
  ['if the path answers 503, TLS connections are closed', { 'allowlist-source-range': 'nowhere' }, 'closed'],
])('%s', (_, annotations, entry) => {
  const own = Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`${PREFIX}/${name}`, value]));
  expect(entries(ingress('web', { host: 'a.test', annotations: { ...PASSED, ...own } }))).toEqual({ 'a.test': entry });
});

/** The verdict of each table for a client, and what njs reads for the host. */
function accessOf(
  annotations: Readonly<Record<string, string>>,
  data: Readonly<Record<string, string>>,
  client: string,
) {
  const own = Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`${PREFIX}/${name}`, value]));
  const [result] = built([[ingress('web', { host: 'a.test', annotations: { ...PASSED, ...own } })]], {}, true, data);
  const entry = result?.plan.live.passthrough.get('a.test');
  const sources = typeof entry === 'object' ? (entry.sources ?? []) : [];
  const file = result?.plan.streamFiles.get(serverNameFile('a.test'));
  const [, ...lists] = file?.kind === 'text' ? file.text.split(' ') : [];
  const texts = lists.map((name) => result?.plan.streamFiles.get(name));
  expect(texts).toEqual(sources.map(({ ipv4, ipv6 }) => ({ kind: 'text', text: `${ipv4}\n${ipv6}` })));
  return sources.map((each) => judgeSource(each, client)).join('');
}

const LISTED = { 'whitelist-source-range': '10.0.0.0/8', 'denylist-source-range': '10.0.0.9' };

test.each([
  ['no list', {}, {}, '192.0.2.1', ''],
  ['an allowlist', { 'allowlist-source-range': '10.0.0.0/8' }, {}, '192.0.2.1', 'd'],
  ['an allowlist', { 'whitelist-source-range': '10.0.0.0/8' }, {}, '10.0.0.1', 'a'],
  ['a denylist', { 'denylist-source-range': '2001:db8::/32' }, {}, '2001:db8::1', 'd'],
  ['a denylist', { 'denylist-source-range': '2001:db8::/32' }, {}, '10.0.0.1', 'n'],
  ['the lists of the ConfigMap', {}, LISTED, '10.0.0.9', 'd'],
  ['the lists of the ConfigMap', {}, LISTED, '10.0.0.1', 'a'],
  [
    'an allowlist with the denylist of the ConfigMap',
    { 'allowlist-source-range': '10.0.0.9' },
    LISTED,
    '10.0.0.9',
    'd',
  ],
  [
    'block-cidrs and an allowlist',
    { 'allowlist-source-range': '10.0.0.0/8' },
    { 'block-cidrs': '10.1.1.1' },
    '10.1.1.1',
    'da',
  ],
])('%s: %j %j gives %s the verdicts "%s"', (_, annotations, data, client, verdicts) => {
  expect(accessOf(annotations, data, client)).toBe(verdicts);
});

test.each([
  [{ 'limit-rps': '5', satisfy: 'any' }, {}, /applies limit-rps, satisfy to plain HTTP for host a.test only/],
  [{}, { 'global-auth-url': 'http://192.0.2.1/' }, /applies global-auth-url of the ConfigMap to plain HTTP/],
  [{ 'enable-global-auth': 'false' }, { 'global-auth-url': 'http://192.0.2.1/' }, undefined],
  [{ 'allowlist-source-range': '10.0.0.1' }, {}, undefined],
])('guards that cannot work on passed connections are named: %j %j', (annotations, data, expected) => {
  const own = Object.fromEntries(Object.entries(annotations).map(([name, value]) => [`${PREFIX}/${name}`, value]));
  const [result] = built([[ingress('web', { host: 'a.test', annotations: { ...PASSED, ...own } })]], {}, true, data);
  const found = result?.problems.filter(({ code }) => code === 'ssl-passthrough-guards').map(({ message }) => message);
  expect(found).toEqual(expected === undefined ? [] : [expect.stringMatching(expected)]);
});

test('an Ingress of another namespace cannot pass on a host with --isolate-namespaces', () => {
  const guest = ingress('z-guest', { host: 'a.test', namespace: 'other', path: '/api' });
  const owner = ingress('web', { host: 'a.test', ...PLAIN });
  if (owner.metadata !== undefined) owner.metadata.creationTimestamp = new Date(0);
  const size = (isolateNamespaces: boolean) =>
    built([[owner, guest]], { isolateNamespaces })[0]?.plan.live.passthrough.size;
  expect([size(false), size(true)]).toEqual([1, 0]);
});

test('njs finds the name of the file with the endpoints under a hash of the server name', () => {
  const [result] = built([[ingress('web', { host: 'a.test' })]]);
  const files = result?.plan.streamFiles;
  const own = files?.get(serverNameFile('a.test'));
  expect(own?.kind === 'text' && files?.get(own.text)).toEqual({
    kind: 'endpoints',
    key: 'b:shop/web/443',
    service: 'shop/web:443',
    bySource: false,
  });
});

test('the annotation is live data: it does not change nginx.conf', () => {
  const [off, on] = built([[ingress('web', { host: 'a.test', ...PLAIN })], [ingress('web', { host: 'a.test' })]]);
  expect(on?.artifact.confDigest).toBe(off?.artifact.confDigest);
  expect(on?.artifact.streamFiles?.size).toBe(2);
});

test.each([
  [true, ['pass $tidegate_tls;', 'listen unix:/run/tidegate/run/tls/http.sock ssl'], ['js_filter', '$tidegate_peer']],
  [false, ['js_filter passthrough.announce;', 'set_real_ip_from "unix:";'], ['pass $tidegate_tls;\n    }\n    server']],
])('the TLS port belongs to the stream block (pass is available: %s)', (pass, present, absent) => {
  const conf = built([[ingress('web', { host: 'a.test' })]], {}, pass)[0]?.artifact.conf ?? '';
  for (const text of present) expect(conf).toContain(text);
  for (const text of absent) expect(conf).not.toContain(text);
  expect(conf.match(/listen 443/g)).toHaveLength(1);
});

test('without the flag there is no stream block', () => {
  const conf = built([[ingress('web', { host: 'a.test' })]], { sslPassthrough: false })[0]?.artifact.conf ?? '';
  expect(conf).not.toMatch(/\bstream \{|passthrough/);
});

test.each([
  [true, 1],
  [false, 2],
])('with metrics, connections are counted beside the access log (pass is available: %s)', (pass, places) => {
  const confOf = (site: Partial<RenderOptions>) =>
    built([[ingress('web', { host: 'a.test' })]], {}, pass, {}, site)[0]?.artifact.conf ?? '';
  const [counting, plain] = [confOf({ measures: REASONS_ONLY }), confOf({})];
  for (const file of ['sessions.0 tidegate_session', 'sessions.1 tidegate_session'])
    expect([counting.split(file).length - 1, plain.includes(file)]).toEqual([places, false]);
  expect(counting).toContain('sessions = "/run/tidegate/run/sessions"');
  const logs = (conf: string) => conf.split('\n').filter((line) => line.includes(' log_stream'));
  expect(logs(counting)).toEqual(logs(plain));
});
