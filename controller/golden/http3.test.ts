/** What HTTP/3 adds to nginx.conf, and when it is left out. */
import { expect, test } from 'vitest';
import { createBuild, type StaticOptions } from '../app/build.ts';
import { buildSafely } from '../app/faults.ts';
import type { RenderOptions } from '../render/options.ts';
import { createRender } from '../render/render.ts';
import { emptySnapshot, type Snapshot } from '../types/snapshot.ts';
import { buildFixed, MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from './build-fixed.ts';

function snapshotWith(data: Readonly<Record<string, string>>): Snapshot {
  const [namespace = '', name = ''] = MODEL_OPTIONS.configMap.split('/');
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const rules = [{ host: 'a.example.com', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  return {
    ...emptySnapshot(),
    Ingress: new Map([['shop/web', { metadata: { namespace: 'shop', name: 'web' }, spec: { rules } }]]),
    ConfigMap: new Map([[MODEL_OPTIONS.configMap, { metadata: { namespace, name }, data: { ...data } }]]),
  };
}

interface Read {
  /** Lines of nginx.conf about HTTP/3, without indentation, in their order. */
  readonly lines: readonly string[];
  readonly messages: readonly string[];
}

const ABOUT = /\bquic|http3|h3|alt_svc/;

function readBuilt({ artifact, problems }: ReturnType<typeof buildFixed>): Read {
  const lines = artifact.conf.split('\n').map((line) => line.trim());
  return {
    lines: lines.filter((line) => ABOUT.test(line) && !line.startsWith('#')),
    messages: problems.filter(({ field }) => field?.includes('use-http3') === true).map(({ message }) => message),
  };
}

function read(data: Readonly<Record<string, string>>, options: Partial<StaticOptions> = {}): Read {
  return readBuilt(buildFixed(snapshotWith(data), new Map(), options));
}

function readOn(data: Readonly<Record<string, string>>, site: Partial<RenderOptions>): Read {
  const render = createRender(TEMPLATES, { ...RENDER_OPTIONS, ...site });
  const { httpsPort = MODEL_OPTIONS.httpsPort } = site;
  const build = createBuild({ ...MODEL_OPTIONS, httpsPort }, () => render);
  return readBuilt(buildSafely(build, snapshotWith(data), { quarantine: new Map(), resolvedNames: new Map() }));
}

/** With IPv6, and with ports that differ from those of the clients. */
function readInPod(data: Readonly<Record<string, string>>): Read {
  const capabilities = { ...RENDER_OPTIONS.capabilities, ipv6: true };
  return readOn(data, { capabilities, httpListenPort: 8080, httpsListenPort: 8443 });
}

const ON = { 'use-http3': 'true' };
const listens = ({ lines }: Read) => lines.filter((line) => line.startsWith('listen'));

test('without use-http3, nothing in nginx.conf is about HTTP/3', () => {
  expect(read({}).lines).toEqual([]);
  expect(read({ 'use-http3': 'false', 'http3-max-age': '60' }).lines).toEqual([]);
});

test('use-http3 adds UDP listeners, and Alt-Svc to responses over TLS', () => {
  expect(read({ ...ON, 'http3-max-age': '1h', 'http3-max-concurrent-streams': '32' })).toEqual({
    lines: [
      'quic_port = 443,',
      'http3 on;',
      expect.stringMatching(/^quic_host_key "?files\/[0-9a-f]{32}\.quic"?;$/),
      'http3_max_concurrent_streams 32;',
      'map "$host $http_host $http3" $tidegate_host {',
      'map $https$sent_http_alt_svc $tidegate_alt_svc {',
      'on "h3=\\":443\\"; ma=3600";',
      'add_header Alt-Svc $tidegate_alt_svc always;',
      'listen 443 quic reuseport default_server;',
      'listen 443 quic;',
    ],
    messages: [],
  });
});

test('NGINX binds the port of the container, and Alt-Svc names the port of the clients', () => {
  const found = readInPod(ON);
  expect(listens(found)).toEqual([
    'listen 8443 quic reuseport default_server;',
    'listen [::]:8443 quic reuseport default_server;',
    'listen 8443 quic;',
    'listen [::]:8443 quic;',
  ]);
  expect(found.lines).toEqual(expect.arrayContaining(['quic_port = 8443,', 'on "h3=\\":443\\"; ma=86400";']));
});

test('a port other than 443 is in Alt-Svc, and in the Host header for backends', () => {
  const { lines } = readOn(ON, { httpsPort: 8443 });
  expect(lines).toEqual(
    expect.arrayContaining(['on "h3=\\":8443\\"; ma=86400";', '"~^\\S+  h3$" $host:8443;', 'quic_port = 8443,']),
  );
  expect(read(ON).lines.join('\n')).not.toContain('$host:');
});

test('with bind-address, each wildcard address is still bound once, with one socket for each worker', () => {
  expect(listens(readInPod({ ...ON, 'bind-address': '10.0.0.5,2001:db8::5' }))).toEqual([
    'listen 8443 quic reuseport default_server;',
    'listen [::]:8443 quic reuseport default_server;',
    'listen 10.0.0.5:8443 quic default_server;',
    'listen [2001:db8::5]:8443 quic default_server;',
    'listen 10.0.0.5:8443 quic;',
    'listen [2001:db8::5]:8443 quic;',
  ]);
  expect(listens(readInPod({ ...ON, 'disable-ipv6': 'true' }))).toEqual([
    'listen 8443 quic reuseport default_server;',
    'listen 8443 quic;',
  ]);
});

test('Alt-Svc is repeated in blocks in which a snippet of the administrator sets headers', () => {
  const header = 'add_header X-A b;';
  const added = ({ lines }: Read) => lines.filter((line) => line.startsWith('add_header')).length;
  expect(added(read(ON))).toBe(1);
  // The two server blocks, and the location of each.
  expect(added(read({ ...ON, 'server-snippet': header }))).toBe(3);
  expect(added(read({ ...ON, 'location-snippet': header }))).toBeGreaterThan(1);
});

test.each<[Readonly<Record<string, string>>, Partial<StaticOptions>, RegExp]>([
  [{}, { http3Obstacle: 'needs another NGINX' }, /^use-http3 needs another NGINX$/],
  [{ 'ssl-protocols': 'TLSv1.2' }, {}, /^use-http3 needs TLSv1\.3, which ssl-protocols does not allow$/],
  [{ 'use-proxy-protocol': 'true' }, {}, /^use-http3 cannot be combined with use-proxy-protocol: HTTP\/3 has no PROXY/],
  [{ 'ssl-early-data': 'true' }, {}, /^use-http3 cannot be combined with ssl-early-data/],
])('HTTP/3 stays off with %j and %j, and the rest is as it was', (data, options, message) => {
  const found = read({ ...ON, ...data }, options);
  expect(found.lines).toEqual([]);
  expect(found.messages).toEqual([expect.stringMatching(message)]);
  const conf = (given: Readonly<Record<string, string>>) =>
    buildFixed(snapshotWith(given), new Map(), options).artifact;
  expect(conf({ ...ON, ...data }).confHash).toBe(conf(data).confHash);
  // NGINX ran with HTTP/3 before.
  const settingTexts = { good: new Map(Object.entries(ON)), refused: new Map() };
  const build = createBuild({ ...MODEL_OPTIONS, ...options }, () => createRender(TEMPLATES, RENDER_OPTIONS));
  const overrides = { quarantine: new Map(), resolvedNames: new Map(), settingTexts };
  expect(readBuilt(buildSafely(build, snapshotWith({ ...ON, ...data }), overrides))).toEqual(found);
});

test('the key for resets is a file that stays the same, and that only NGINX with HTTP/3 gets', () => {
  const files = (data: Readonly<Record<string, string>>) =>
    [...buildFixed(snapshotWith(data)).artifact.files.keys()].filter((name) => name.endsWith('.quic'));
  expect(files({})).toEqual([]);
  expect(files(ON)).toHaveLength(1);
  expect(files({ ...ON, 'keep-alive-requests': '7' })).toEqual(files(ON));
});
