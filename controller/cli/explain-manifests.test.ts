import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';
import type { ExplainedRequest } from '../explain/request.ts';
import { explainManifests } from './explain-manifests.ts';
import { explanationLines } from './explanation-text.ts';
import { argumentsOf } from './flag-values.ts';

const PREFIX = 'nginx.ingress.kubernetes.io';

interface Short {
  readonly name?: string;
  readonly host?: string;
  readonly created?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Path → Service. */
  readonly paths?: Readonly<Record<string, string>>;
}

function ingress({
  name = 'web',
  host = 'a.example',
  created,
  annotations = {},
  paths = { '/': 'web' },
}: Short): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'shop',
      ...(created !== undefined && { creationTimestamp: created }),
      annotations: Object.fromEntries(Object.entries(annotations).map(([key, value]) => [`${PREFIX}/${key}`, value])),
    },
    spec: {
      rules: [
        {
          host,
          http: {
            paths: Object.entries(paths).map(([path, target]) => ({
              path,
              pathType: 'Prefix',
              backend: { service: { name: target, port: { number: 80 } } },
            })),
          },
        },
      ],
    },
  };
}

function service(name: string, addresses: readonly string[], spec: object = {}): object[] {
  const metadata = { name, namespace: 'shop' };
  return [
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 80, targetPort: 8080 }], ...spec } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ port: 8080 }],
      endpoints: addresses.map((address) => ({ addresses: [address] })),
    },
  ];
}

function settings(data: Readonly<Record<string, string>>): object {
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

const WEB = service('web', ['10.0.0.1']);

async function explainer(objects: readonly object[]) {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-explain-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'all.yaml'), objects.map((each) => stringify(each, { version: '1.1' })).join('---\n'));
  const { explain } = await explainManifests([folder], argumentsOf('explain', new Map()));
  return (target: string, more: Partial<ExplainedRequest> = {}, headers: readonly (readonly [string, string])[] = []) =>
    explain({
      scheme: 'http',
      method: 'GET',
      target,
      http: '1.1',
      headers: [['Host', 'a.example'], ...headers],
      ...more,
    });
}

test('without the address of the client, an address list leads to two possible results', async () => {
  const explain = await explainer([ingress({ annotations: { 'allowlist-source-range': '10.0.0.0/8' } }), ...WEB]);
  expect(explain('/').outcomes).toMatchObject([
    { when: 'the list denies the client', status: 403, by: 'nginx' },
    { by: 'backend', backend: { service: 'shop/web:80', endpoints: ['10.0.0.1:8080'] } },
  ]);
  expect(explain('/', { from: '10.1.2.3' }).outcomes).toMatchObject([{ by: 'backend' }]);
  expect(explain('/', { from: '::ffff:10.1.2.3' }).outcomes).toMatchObject([{ by: 'backend' }]);
  expect(explain('/', { from: '11.1.2.3' }).outcomes).toEqual([{ status: 403, by: 'nginx', reason: 'denied-by-list' }]);
});

test('a port for the other scheme gets no response of a backend, and an unknown port is noted', async () => {
  const explain = await explainer([ingress({}), ...WEB]);
  expect(explain('/', { port: 8080 }).steps.map(({ name }) => name)).not.toContain('request');
  expect(explain('/', { port: 8443 })).toMatchObject({
    server: null,
    outcomes: [{ status: 400, by: 'nginx', reason: 'bad-request' }],
  });
  expect(explain('/', { scheme: 'https', sni: 'a.example', port: 8080 }).outcomes).toEqual([
    { status: null, by: 'closed' },
  ]);
  expect(explain('/', { port: 30_080 }).steps[0]).toMatchObject({
    name: 'request',
    result: 'passed',
    text: '--http-port is 8080 and --https-port is 8443: something before NGINX must forward port 30080',
  });
});

test('headers need as many buffers as NGINX uses, which divides no line between two of them', async () => {
  const explain = await explainer([
    settings({ 'client-header-buffer-size': '1k', 'large-client-header-buffers': '2 1k' }),
    ingress({}),
    ...WEB,
  ]);
  const outcome = (...sizes: readonly number[]) =>
    explain(
      '/',
      {},
      sizes.map((size, at) => [`X-${at}`, 'x'.repeat(size)] as const),
    ).outcomes[0]?.status;
  expect(outcome(590, 590, 290, 590, 290)).toBeNull();
  expect(outcome(590, 590, 590, 590)).toBe(400);
  expect(outcome(1100)).toBe(400);
});

test('a proxy is trusted only if its address is in proxy-real-ip-cidr', async () => {
  const explain = await explainer([
    settings({ 'use-forwarded-headers': 'true', 'proxy-real-ip-cidr': '192.0.2.0/24' }),
    ingress({ annotations: { 'denylist-source-range': '198.51.100.7' } }),
    ...WEB,
  ]);
  const headers = [['X-Forwarded-For', '198.51.100.7, 192.0.2.9']] as const;
  expect(explain('/', { from: '192.0.2.1' }, headers)).toMatchObject({
    request: { client: '198.51.100.7' },
    outcomes: [{ status: 403 }],
  });
  expect(explain('/', { from: '192.0.3.1' }, headers)).toMatchObject({
    request: { client: '192.0.3.1' },
    outcomes: [{ by: 'backend' }],
  });
});

test('the shares of canaries add up to 1, and those of canaries without endpoints go to the main Service', async () => {
  const canary = (name: string, weight: string) =>
    ingress({ name, annotations: { canary: 'true', 'canary-weight': weight }, paths: { '/': name } });
  const explain = await explainer([
    ingress({}),
    canary('one', '20'),
    canary('two', '30'),
    canary('gone', '10'),
    ...WEB,
    ...service('one', ['10.0.1.1']),
    ...service('two', ['10.0.2.1']),
    ...service('gone', []),
  ]);
  const { outcomes } = explain('/');
  const shares = outcomes.map(({ share = 0, backend }) => [backend?.service, Math.round(share * 100)]);
  expect(shares.toSorted()).toEqual([
    ['shop/one:80', 20],
    ['shop/two:80', 30],
    ['shop/web:80', 50],
  ]);
});

test('every setting names the annotation, the key of the ConfigMap or the default from which it comes', async () => {
  const explain = await explainer([
    settings({ 'proxy-read-timeout': '7', 'proxy-body-size': '2m' }),
    ingress({
      annotations: {
        'whitelist-source-range': '10.0.0.0/8',
        'proxy-body-size': '5m',
        'proxy-connect-timeout': 'soon',
        'ssl-redirect': '',
      },
    }),
    ingress({ name: 'other', annotations: { 'app-root': '/start' }, paths: { '/other': 'web' } }),
    ...WEB,
  ]);
  const { settings: found } = explain('/x');
  const named = (name: string) => found.filter((each) => each.name === name);
  expect(named('whitelist-source-range')).toEqual([
    {
      name: 'whitelist-source-range',
      value: '"10.0.0.0/8"',
      from: 'annotation',
      object: 'shop/web',
      scope: 'location',
    },
  ]);
  expect(named('proxy-body-size')).toMatchObject([{ value: '"5m"', from: 'annotation' }]);
  expect(named('proxy-read-timeout')).toEqual([
    {
      name: 'proxy-read-timeout',
      value: '"7"',
      from: 'configmap',
      object: 'ingress-nginx/ingress-nginx-controller',
      scope: 'location',
    },
  ]);
  expect(named('proxy-connect-timeout')).toMatchObject([
    { from: 'annotation', value: '"soon"', ignored: 'it is invalid' },
    { from: 'default', value: '"5"' },
  ]);
  expect(named('ssl-redirect')).toMatchObject([{ from: 'default', value: '"true"' }]);
  expect(named('app-root')).toMatchObject([{ object: 'shop/other', scope: 'host', value: '"/start"' }]);
});

test('paths that lose are listed with the reason', async () => {
  const explain = await explainer([
    ingress({ created: '2024-01-01T00:00:00Z', paths: { '/': 'web', '/a': 'web' } }),
    ingress({ name: 'late', created: '2025-01-01T00:00:00Z', paths: { '/a': 'late' } }),
    ingress({ name: 'elsewhere', host: 'b.example', paths: { '/a': 'web' } }),
    ...WEB,
  ]);
  const { location, lost } = explain('/a/b');
  expect(location).toMatchObject({ ingress: 'shop/web', path: '/a', match: '/a/' });
  expect(lost).toEqual([
    { match: '/', ingress: 'shop/web', path: '/', why: '/a/ is longer' },
    {
      match: '/a',
      ingress: 'shop/late',
      path: '/a',
      why: '/a is already served for this host by Ingress shop/web, which takes precedence because it is older',
    },
  ]);
});

test('the addresses of an ExternalName Service are not known, but its name is', async () => {
  const explain = await explainer([
    ingress({}),
    ...service('web', [], { type: 'ExternalName', externalName: 'Backend.example.com.' }).slice(0, 1),
  ]);
  expect(explain('/').outcomes).toMatchObject([
    { when: 'backend.example.com has no address', status: 503 },
    { backend: { service: 'shop/web:80', endpoints: ['backend.example.com (its addresses come from DNS)'] } },
  ]);
});

test('with satisfy any, a password may replace the right address, and 401 takes precedence over 403', async () => {
  const users = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'users', namespace: 'shop' },
    data: { auth: Buffer.from('alice:{PLAIN}geheim\n').toString('base64') },
  };
  const annotations = {
    'auth-type': 'basic',
    'auth-secret': 'users',
    satisfy: 'any',
    'allowlist-source-range': '10.0.0.1',
  };
  const explain = await explainer([ingress({ annotations }), users, ...WEB]);
  const login = (user: string) => [['Authorization', `Basic ${Buffer.from(`${user}:x`).toString('base64')}`]] as const;
  expect(explain('/', { from: '10.0.0.1' }).outcomes).toMatchObject([{ by: 'backend' }]);
  expect(explain('/', { from: '10.0.0.2' }).outcomes).toEqual([{ status: 401, by: 'nginx', reason: 'auth-basic' }]);
  expect(explain('/', { from: '10.0.0.2' }, login('bob')).outcomes).toEqual([
    { status: 401, by: 'nginx', reason: 'auth-basic' },
  ]);
  const explanation = explain('/', { from: '10.0.0.2' }, login('alice'));
  expect(explanation.outcomes).toMatchObject([{ when: 'the password is wrong', status: 401 }, { by: 'backend' }]);
  expect(JSON.stringify(explanation) + explanationLines(explanation).join('\n')).not.toContain('geheim');
});

test('even a request that no Plan can fulfil has a result', async () => {
  const explain = await explainer([ingress({}), ...WEB]);
  expect(explain('/../..')).toMatchObject({ server: null, outcomes: [{ status: 400, by: 'nginx' }] });
  expect(explain('/', { method: 'TRACE' }).outcomes).toEqual([{ status: 405, by: 'nginx', reason: 'bad-method' }]);
  expect(explain(`/${'a'.repeat(9000)}`).outcomes).toEqual([{ status: 414, by: 'nginx', reason: 'uri-too-large' }]);
  expect(explain('/', { headers: [] }).outcomes).toEqual([{ status: 400, by: 'nginx', reason: 'bad-request' }]);
  expect(explain('/', {}, [['Content-Length', '99999999']]).outcomes).toEqual([
    { status: 413, by: 'nginx', reason: 'body-too-large' },
  ]);
  expect(explain('/', { http: '1.0', headers: [] }).outcomes).toEqual([
    { status: 404, by: 'nginx', reason: 'no-route' },
  ]);
});
