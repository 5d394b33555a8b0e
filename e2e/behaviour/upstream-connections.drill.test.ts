/** Idle connections to an address are never used for another protocol, or for other TLS verification. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { issue } from '../certificates.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { placeIn } from '../runner/object.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { send } from '../runner/run.ts';
import type { RequestSpec } from '../runner/scenario.ts';
import { secretOf } from '../runner/secrets.ts';
import { receivedOf } from '../runner/seen.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';

const VERIFY = { 'backend-protocol': 'HTTPS', 'proxy-ssl-verify': 'on' };
const SITES: Record<string, Record<string, string>> = {
  plain: {},
  unverified: { 'backend-protocol': 'HTTPS' },
  verified: { ...VERIFY, 'proxy-ssl-secret': `${NAMESPACE}/trusted`, 'proxy-ssl-name': 'backend.test' },
  stranger: { ...VERIFY, 'proxy-ssl-secret': `${NAMESPACE}/stranger`, 'proxy-ssl-name': 'backend.test' },
  misnamed: { ...VERIFY, 'proxy-ssl-secret': `${NAMESPACE}/trusted`, 'proxy-ssl-name': 'wrong.test' },
  grpc: { 'backend-protocol': 'GRPC' },
  grpcs: { 'backend-protocol': 'GRPCS' },
};
const REFUSED = ['stranger', 'misnamed'];
const ROUNDS = 2;
/** The hosts of each site. There are so many that locations of different sites share one of the 64 connection pools. */
const HOSTS = Array.from({ length: 32 }, (_, i) => i);

let backends: Backends;
let instance: Instance;

const plainRequest = {
  times: 1,
  headers: {},
  refused: false,
  grpc: false,
  tls: false,
  http: '1.1',
  method: 'GET',
  path: '/',
} as const;

function requestFor(site: string, index: number): RequestSpec {
  const grpc = site.startsWith('grpc');
  const host = hostOf(`${site}-${index}`);
  const rest = { times: 1, headers: {}, refused: false } as const;
  return grpc
    ? { ...rest, host, grpc, tls: true, http: '2', method: 'POST', path: '/echo.Echo/Unary', body: 'x' }
    : { ...rest, host, grpc, tls: false, http: '1.1', method: 'GET', path: '/' };
}

beforeAll(async () => {
  backends = await startBackends();
  const addresses = takeAddresses(1);
  const stranger = await issue(['Stranger'], undefined, true);
  const authorities = { trusted: backends.authority, stranger };
  const objects: KubernetesObject[] = [];
  for (const [name, authority] of Object.entries(authorities)) {
    objects.push(placeIn(NAMESPACE, secretOf(name, await issue(['client'], authority), authority.cert)));
  }
  for (const [site, annotations] of Object.entries(SITES)) {
    objects.push(...podsOf(site, addresses, backends.ports.any));
    for (const index of HOSTS) objects.push(ingressOf(`${site}-${index}`, site, { annotations }));
  }
  instance = await startInstance({ 'all.yaml': objects });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it('NGINX never uses a connection to an endpoint for two sites, even if requests to the sites alternate', async () => {
  const connections = new Map<string, Set<number>>(Object.keys(SITES).map((site) => [site, new Set()]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const index of HOSTS) {
      for (const site of Object.keys(SITES)) {
        const seen = await send(requestFor(site, index), instance);
        expect(seen.status, `${site}-${index}, round ${round}: ${seen.body.toString().slice(0, 200)}`).toBe(
          REFUSED.includes(site) ? 502 : 200,
        );
        const received = receivedOf(seen);
        if (received) connections.get(site)?.add(received.connection);
      }
    }
  }
  const served = [...connections].filter(([site]) => !REFUSED.includes(site));
  const strange = served.filter(([, ids]) => ids.size === 0 || ids.size >= ROUNDS * HOSTS.length);
  expect(strange, 'every site was served, over fewer connections than requests').toEqual([]);
  const all = served.flatMap(([, ids]) => [...ids]);
  expect(all.length, 'connections that served two sites').toBe(new Set(all).size);
}, 60_000);

it('NGINX keeps idle connections to hundreds of endpoints, although it limits their number', async () => {
  const names = Array.from({ length: 40 }, (_, i) => `many${i}`);
  const endpoints = 20;
  const metadata = { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' };
  const objects: KubernetesObject[] = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'worker-processes': '1' } },
  ];
  for (const name of names)
    objects.push(ingressOf(name), ...podsOf(name, takeAddresses(endpoints), backends.ports.any));
  const many = await startInstance({ 'all.yaml': objects });
  try {
    const ask = async () => {
      const connections = new Set<number>();
      for (let turn = 0; turn < endpoints; turn += 1) {
        for (const name of names) {
          const received = receivedOf(await send({ ...plainRequest, host: hostOf(name) }, many));
          if (received) connections.add(received.connection);
        }
      }
      return connections;
    };
    const first = await ask();
    const second = await ask();
    const opened = [...second].filter((id) => !first.has(id)).length;
    expect(second.size, 'every endpoint receives one request').toBe(names.length * endpoints);
    expect(opened, 'connections that were opened again').toBeLessThan(second.size / 10);
  } finally {
    await many.dispose();
  }
}, 60_000);
