/**
 * A failing authentication service admits no clients. Connections to the service are kept for clients of every HTTP
 * version.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { send } from '../runner/run.ts';
import { readScenario } from '../runner/scenario.ts';
import { receivedOf } from '../runner/seen.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';

const SITES = ['nginx', 'kept', 'few'] as const;
type Site = (typeof SITES)[number];
const KEPT: Record<Site, Record<string, string>> = {
  nginx: {},
  kept: { 'auth-keepalive': '4' },
  few: { 'auth-keepalive': '4', 'auth-keepalive-requests': '5' },
};
/** The number of workers. Each worker keeps its own connections. */
const WORKERS = 2;
const QUESTIONS = 40;

const TWO_WORKERS = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
  data: { 'worker-processes': `${WORKERS}` },
};

let backends: Backends;
let instance: Instance;
const auth = new Map<Site, string>();
const web = new Map<Site, string>();

beforeAll(async () => {
  backends = await startBackends();
  const objects = SITES.flatMap((site) => {
    const [asked = '', served = ''] = takeAddresses(2);
    auth.set(site, asked);
    web.set(site, served);
    const annotations = {
      'auth-url': `http://auth-${site}.${NAMESPACE}.svc/verify`,
      'proxy-read-timeout': '1',
      ...KEPT[site],
    };
    return [
      ...podsOf(`auth-${site}`, [asked], backends.ports.http),
      ...podsOf(site, [served], backends.ports.http),
      ingressOf(site, site, { annotations }),
    ];
  });
  instance = await startInstance({ 'sites.yaml': [...objects, TWO_WORKERS] });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

/** How many connections an address has accepted so far. */
async function connectionsTo(address: string | undefined): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${backends.ports.http}/_connections`);
  const counts = (await answer.json()) as Record<string, number>;
  return counts[address ?? ''] ?? 0;
}

async function ask(site: Site, headers: Record<string, string>, http: '1.1' | '2' = '1.1') {
  const { requests } = readScenario({
    name: site,
    about: site,
    requests: [{ host: hostOf(site), headers, http, tls: http === '2' }],
    control: {},
  });
  const [request] = requests;
  if (request === undefined) throw new Error('there is no request');
  return send(request, instance);
}

const FAILING: readonly (readonly [string, Record<string, string>, number])[] = [
  ['slow', { 'verify-delay': '3000' }, 500],
  ['redirecting', { 'verify-status': '302', 'verify-header': 'Location=/open' }, 500],
  ['forbidding', { 'verify-status': '403' }, 403],
  ['broken', { 'verify-status': '500' }, 500],
  ['with large headers', { 'verify-header-size': '65536' }, 500],
  ['with a large body', { 'verify-size': '3000000' }, 500],
  ['forbidding with a large body', { 'verify-status': '403', 'verify-size': '500000' }, 403],
  ['cut off', { 'verify-cut': 'head' }, 500],
  ['not HTTP', { 'verify-cut': 'garbage' }, 500],
];

it.each(SITES)(
  'a failing authentication service admits no clients: %s',
  async (site) => {
    for (const [about, headers, status] of FAILING) {
      for (const http of ['1.1', '2'] as const) {
        const seen = await ask(site, headers, http);
        expect(seen.status, `${about} over HTTP/${http}`).toBe(status);
        expect(receivedOf(seen), `${about} over HTTP/${http}`).toBeUndefined();
      }
    }
    // No request has reached the backend, and NGINX has opened no connection to it.
    expect(await connectionsTo(web.get(site))).toBe(0);
    expect((await ask(site, {})).status).toBe(200);
    expect(await connectionsTo(web.get(site))).toBe(1);
  },
  60_000,
);

it('an authentication service that refuses connections admits no clients until it accepts them again', async () => {
  const address = auth.get('kept') ?? '';
  await backends.down(address);
  for (let i = 0; i < 5; i += 1) {
    const seen = await ask('kept', {}, i % 2 === 0 ? '1.1' : '2');
    expect(seen.status).toBe(500);
    expect(receivedOf(seen)).toBeUndefined();
  }
  await backends.up(address);
  expect((await ask('kept', {})).status).toBe(200);
}, 30_000);

it.each(['1.1', '2'] as const)(
  'connections to the authentication service stay open after responses with a body, for clients of HTTP/%s',
  async (http) => {
    const before = await connectionsTo(auth.get('kept'));
    for (let i = 0; i < QUESTIONS; i += 1)
      expect((await ask('kept', { 'verify-size': '5000' }, http)).status).toBe(200);
    expect((await connectionsTo(auth.get('kept'))) - before).toBeLessThanOrEqual(WORKERS);

    const few = await connectionsTo(auth.get('few'));
    for (let i = 0; i < QUESTIONS; i += 1) expect((await ask('few', {}, http)).status).toBe(200);
    const opened = (await connectionsTo(auth.get('few'))) - few;
    expect(opened).toBeGreaterThanOrEqual(QUESTIONS / 5 - WORKERS);
    expect(opened).toBeLessThanOrEqual(QUESTIONS / 5 + WORKERS);
  },
  60_000,
);

it('without auth-keepalive, connections to the service stay open only after responses without a body', async () => {
  const before = await connectionsTo(auth.get('nginx'));
  for (let i = 0; i < QUESTIONS; i += 1) expect((await ask('nginx', { 'verify-empty': '1' }, '2')).status).toBe(200);
  expect((await connectionsTo(auth.get('nginx'))) - before).toBeLessThanOrEqual(WORKERS);
  for (let i = 0; i < 10; i += 1) expect((await ask('nginx', {})).status).toBe(200);
  expect((await connectionsTo(auth.get('nginx'))) - before).toBeGreaterThanOrEqual(9);
}, 60_000);
