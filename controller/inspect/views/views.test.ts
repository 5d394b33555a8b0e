/** The views of a small cluster, built with the controller's own stages. */
import { expect, test } from 'vitest';
import { issue } from '../../../e2e/certificates.ts';
import { finish } from '../../types/steps.ts';
import { describeProblem, ingressYaml, secretYaml, serviceManifests, siteOf } from '../fixtures/inspected.ts';
import { createProblemHistory } from '../history/problems.ts';
import { ROUTES } from '../schema/routes.ts';
import { backendNames } from './backend-names.ts';
import { backendItem, leftOutSeconds, selectedBackends } from './backends.ts';
import { certificateItem, selectedCertificates } from './certificates.ts';
import { confAnswer, logsAnswer } from './conf.ts';
import { findHost } from './host.ts';
import { namesAnswer } from './names.ts';
import { pageText } from './page.ts';
import { problemItem, selectedProblems } from './problems.ts';
import { routeItem, selectedRoutes } from './routes.ts';

const SITE = [
  ingressYaml(
    'web',
    'shop.example.com',
    { '/': 'web:80', '/api': 'api:http' },
    { 'server-alias': '~^s\\d\\.example\\.com$' },
  ),
  ingressYaml('wild', '*.example.org', { '/': 'web:80' }, { 'permanent-redirect': 'https://elsewhere.example.com/a' }),
  ingressYaml(
    'canary',
    'shop.example.com',
    { '/api': 'beta:80' },
    { canary: 'true', 'canary-weight': '20', 'canary-by-header': 'X-Beta' },
  ),
  ingressYaml('closed', 'closed.example.com', { '/': 'web:80' }, { 'auth-tls-secret': 'shop/none' }),
  serviceManifests('web', ['10.0.0.1', '10.0.0.2']),
  serviceManifests('api', ['10.0.0.3']),
  serviceManifests('beta', ['10.0.0.4']),
].join('\n');

test.each([
  ['shop.example.com', 'shop.example.com', 'name'],
  ['SHOP.example.com.', 'shop.example.com', 'name'],
  ['s7.example.com', 'shop.example.com', 'pattern'],
  ['a.example.org', '*.example.org', 'pattern'],
  ['*.example.org', '*.example.org', 'name'],
  ['a.b.example.org', '', 'default'],
  ['example.net', '', 'default'],
])('the name %s is served by the host "%s" (%s)', async (asked, host, match) => {
  const { current } = await siteOf(SITE);
  const found = finish(findHost(current.plan.static.hosts, asked));
  expect({ host: found?.host.host, match: found?.match }).toEqual({ host, match });
});

test('a route says which path of which Ingress leads where, with its canaries', async () => {
  const { current, source } = await siteOf(SITE);
  const names = finish(backendNames(current.plan.backendsOfService, source.backendKey));
  const items = (filter: Parameters<typeof selectedRoutes>[1]) =>
    finish(selectedRoutes(current.plan, filter)).map((route) => routeItem(route, names, 308));
  const shop = items({ host: 's1.example.com', namespace: undefined });
  expect(shop.map(({ pattern, match, ingress }) => [pattern, match, ingress])).toEqual([
    ['/', 'prefix', 'shop/web'],
    ['/api', 'exact', 'shop/web'],
    ['/api/', 'prefix', 'shop/web'],
  ]);
  expect(shop[2]).toMatchObject({
    host: 'shop.example.com',
    path: '/api',
    answer: 'backend',
    backend: { namespace: 'shop', service: 'api', port: 'http', viaService: false },
    canaries: [{ backend: { service: 'beta' }, weight: 20, total: 100, header: 'X-Beta', cookie: null }],
  });
  expect(items({ host: 'a.example.org', namespace: undefined })).toMatchObject([
    {
      host: '*.example.org',
      answer: 'redirect',
      status: 301,
      redirect: 'https://elsewhere.example.com/a',
      backend: null,
    },
  ]);
  expect(items({ host: 'closed.example.com', namespace: undefined })).toMatchObject([
    { answer: 'deny', status: 503, closedBy: 'auth-tls-secret', backend: null, ingress: 'shop/closed' },
  ]);
  expect(items({ host: undefined, namespace: 'other' })).toEqual([]);
  expect(items({ host: undefined, namespace: undefined }).filter(({ host }) => host === '')).toMatchObject([
    { answer: 'not-found', status: 404, ingress: null },
  ]);
});

test('a backend shows the endpoints of the live data, which may be newer than the Plan, and those left out', async () => {
  const { current, source } = await siteOf(SITE);
  const names = finish(backendNames(current.plan.backendsOfService, source.backendKey));
  const keys = finish(selectedBackends(current.plan, { host: undefined, namespace: 'shop' }, names));
  expect(keys).toEqual(['shop/api/http', 'shop/beta/80', 'shop/web/80']);
  const ofHost = finish(selectedBackends(current.plan, { host: 'shop.example.com', namespace: undefined }, names));
  expect(ofHost).toEqual(['shop/api/http', 'shop/beta/80', 'shop/web/80']);
  expect(finish(selectedBackends(current.plan, { host: 'a.example.org', namespace: undefined }, names))).toEqual([]);
  expect(finish(selectedBackends(current.plan, { host: undefined, namespace: 'other' }, names))).toEqual([]);
  const live = new Map([['b:shop/web/80', '{"endpoints":[["10.0.0.9",8080,1],["fd00::1",8080,2]]}']]);
  const leftOut = leftOutSeconds([{ backend: 'shop/web/80', endpoint: '[fd00::1]:8080', seconds: 3.5 }]);
  expect(backendItem('shop/web/80', live, names, leftOut)).toEqual({
    backend: { namespace: 'shop', service: 'web', port: 80, viaService: false },
    key: 'shop/web/80',
    endpoints: [
      { address: '10.0.0.9', port: 8080, weight: 1, leftOutSeconds: null },
      { address: 'fd00::1', port: 8080, weight: 2, leftOutSeconds: 3.5 },
    ],
  });
  expect(backendItem('shop/api/http', current.live, names, leftOut).endpoints).toEqual([
    { address: '10.0.0.3', port: 8080, weight: 1, leftOutSeconds: null },
  ]);
});

test('certificates that expire first come first, each with the hosts that get it', async () => {
  const [long, short] = [await issue(['shop.example.com', 'www.example.com']), await issue(['*.example.org'])];
  const { current } = await siteOf(
    [
      ingressYaml('web', 'shop.example.com', { '/': 'web:80' }, {}, 'long'),
      ingressYaml('wild', '*.example.org', { '/': 'web:80' }, {}, 'short'),
      secretYaml('long', long),
      secretYaml('short', short),
      serviceManifests('web', ['10.0.0.1']),
    ].join('\n'),
  );
  const now = Date.now();
  const all = (host?: string, namespace?: string) =>
    finish(selectedCertificates(current.plan.live, { host, namespace })).map((each) =>
      certificateItem(each, now, null, (secret) => (secret === 'shop/short' ? 'is missing' : undefined)),
    );
  const found = all();
  expect(found.map(({ secret, fallback, kept }) => ({ secret, fallback, kept }))).toEqual(
    expect.arrayContaining([
      { secret: 'shop/long', fallback: false, kept: null },
      { secret: 'shop/short', fallback: false, kept: 'is missing' },
      { secret: null, fallback: true, kept: null },
    ]),
  );
  expect(found.at(-1)).toMatchObject({ secret: null, hosts: ['_'], issuer: 'Tidegate default certificate' });
  expect(found.map(({ daysLeft }) => daysLeft)).toEqual(
    found.map(({ daysLeft }) => daysLeft).toSorted((a, b) => a - b),
  );
  expect(found.find(({ secret }) => secret === 'shop/long')).toMatchObject({
    names: ['shop.example.com', 'www.example.com'],
    hosts: ['shop.example.com'],
    issuer: 'shop.example.com',
    daysLeft: 29,
    fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
  });
  expect(all('a.example.org').map(({ secret }) => secret)).toEqual(['shop/short']);
  expect(all('nowhere.example.net').map(({ secret }) => secret)).toEqual([null]);
  expect(all(undefined, 'other')).toEqual([]);
});

test('conf returns the server block of the host that serves a name, and logs the files of NGINX', async () => {
  const { current } = await siteOf(SITE);
  const found = finish(confAnswer(current, 'a.example.org'));
  expect(found).toMatchObject({ host: '*.example.org', match: 'pattern', ingresses: ['shop/wild'], truncated: false });
  expect(found?.text).toMatch(/^ {4}# shop\/wild\n {4}server \{[^]*\n {4}\}\n$/);
  expect(current.artifact.conf).toContain(found?.text);
  for (const host of current.plan.static.hosts.values())
    expect(current.artifact.serverBlock(host)).toContain(host.isDefault ? 'default_server' : 'server_name');
  expect(logsAnswer(current.artifact.conf, '/run/tidegate/run')).toEqual({
    access: [{ target: '/run/tidegate/run/access.log', file: '/run/tidegate/run/access.log' }],
    error: [{ target: '/run/tidegate/run/error.log', file: '/run/tidegate/run/error.log' }],
  });
  const inContainer =
    'error_log stderr notice;\nhttp {\n    access_log /dev/stdout main;\n    access_log off;\n    server {\n';
  expect(logsAnswer(inContainer, '/run')).toEqual({
    access: [{ target: '/dev/stdout', file: null }],
    error: [{ target: 'stderr', file: null }],
  });
});

test('names lists hosts and namespaces', async () => {
  const { current } = await siteOf(SITE);
  expect(finish(namesAnswer(current.plan))).toEqual({
    hosts: ['*.example.org', 'shop.example.com', 'closed.example.com'],
    namespaces: ['shop'],
  });
});

test('Problems are sorted by severity and filtered by host and namespace', async () => {
  const { current, problems } = await siteOf(
    `${SITE}\n${ingressYaml('bad', 'bad.example.com', { '/': 'none:80' }, { 'proxy-body-size': 'lots' })}`,
  );
  let now = 1_000_000;
  const history = createProblemHistory(() => now);
  history.report(problems);
  now += 300_000;
  const select = (host?: string, namespace?: string) =>
    finish(selectedProblems(history.open(), current.plan, { host, namespace, state: 'open' })).map((each) =>
      problemItem(each, describeProblem),
    );
  const all = select();
  expect(all.map(({ severity }) => severity)).toEqual(['error', 'warning', 'notice']);
  expect(new Set(all.map(({ since }) => since))).toEqual(new Set([new Date(1_000_000).toISOString()]));
  expect(select('bad.example.com').map(({ object }) => object?.name)).toEqual(['bad', 'bad']);
  expect(select('bad.example.com')[0]).toMatchObject({
    code: 'invalid-annotation',
    field: 'metadata.annotations["nginx.ingress.kubernetes.io/proxy-body-size"]',
    value: '"lots"',
    solved: null,
  });
  expect(select(undefined, 'other')).toEqual([]);
});

test('pages contain each item once, and end before an answer becomes long', async () => {
  const texts = Array.from({ length: 7 }, (_, index) => `${index}${'x'.repeat(index > 3 ? 1_500_000 : 1)}`);
  const seen: string[] = [];
  for (let offset: number | null = 0; offset !== null;) {
    const page = JSON.parse(finish(pageText(texts, { limit: 3, offset }, (text) => text))) as {
      total: number;
      next: number | null;
      items: string[];
    };
    expect(page.total).toBe(7);
    expect(JSON.stringify(page).length).toBeLessThan(4_000_000);
    seen.push(...page.items);
    offset = page.next;
  }
  expect(seen).toEqual(texts);
  expect(ROUTES.parse(JSON.parse(finish(pageText([], { limit: 3, offset: 0 }, (text) => text))))).toEqual({
    total: 0,
    next: null,
    items: [],
  });
  expect(JSON.parse(finish(pageText(texts, { limit: 3, offset: 99 }, (text) => text)))).toMatchObject({ next: null });
});
