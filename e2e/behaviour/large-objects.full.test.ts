/**
 * One tenant creates the largest objects that an API server accepts. Other tenants are served as usual, even at the
 * first start.
 */
import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { issue } from '../certificates.ts';
import { serviceOf, sliceOf } from '../runner/endpoints.ts';
import { startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { placeIn } from '../runner/object.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { writeIngress } from '../runner/manifests.ts';
import { untilServed } from './served.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';

const GREEDY = 'greedy';
const READY_MS = 240_000;

let backends: Backends;
let instance: Instance;

const base64 = (text: string) => Buffer.from(text).toString('base64');

function secret(namespace: string, name: string, cert: string, key: string): KubernetesObject {
  const data = { 'tls.crt': base64(cert), 'tls.key': base64(key) };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'kubernetes.io/tls', data };
}

function greedyIngress(
  name: string,
  paths: Record<string, string>,
  more: Record<string, unknown> = {},
): KubernetesObject {
  return placeIn(GREEDY, writeIngress({ name, host: `${name}.greedy.test`, annotations: {}, paths, ...more }));
}

/** The objects of the greedy tenant, in files of a few MiB, because larger files are not read. */
async function greedy(): Promise<Record<string, KubernetesObject[]>> {
  const { cert, key } = await issue(['*.greedy.test']);
  const secrets = Array.from({ length: 30 }, (_, n) => {
    const name = `s${n}`;
    const long = cert + cert.repeat(Math.floor((n === 0 ? 1_000_000 : 900_000) / cert.length) - 1);
    return [
      secret(GREEDY, name, long, key),
      greedyIngress(name, { '/': 'web' }, { tls: { [name]: [`${name}.greedy.test`] } }),
    ];
  });
  const slices = Array.from({ length: 80 }, (_, third) => {
    const addresses = Array.from(
      { length: 1000 },
      (_unused, n) => `10.${third}.${Math.floor(n / 250)}.${(n % 250) + 1}`,
    );
    return {
      ...sliceOf('web', GREEDY, addresses, { port: 80 }),
      metadata: { name: `web-${third}`, namespace: GREEDY, labels: { 'kubernetes.io/service-name': 'web' } },
    };
  });
  const origins = Array.from({ length: 200 }, (_, n) => `https://origin-${n}.example.com`).join(',');
  const paths = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`/p${n}`, 'web']));
  return {
    ...Object.fromEntries(secrets.map((objects, n) => [`greedy-secret-${n}.yaml`, objects])),
    'greedy-service.yaml': [serviceOf('web', GREEDY, { port: 80 })],
    ...Object.fromEntries([0, 1, 2, 3].map((n) => [`greedy-endpoints-${n}.yaml`, slices.slice(20 * n, 20 * (n + 1))])),
    'greedy-paths.yaml': [
      greedyIngress('cors', paths, { annotations: { 'enable-cors': 'true', 'cors-allow-origin': origins } }),
    ],
  };
}

/** The names in the certificate that a host presents. */
async function namesOf(site: string): Promise<string> {
  const socket = connect({
    port: instance.httpsPort,
    host: '127.0.0.1',
    servername: hostOf(site),
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const { subjectaltname = '' } = socket.getPeerCertificate();
  socket.destroy();
  return subjectaltname;
}

beforeAll(async () => {
  backends = await startBackends();
}, 60_000);
afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it(
  'the largest objects of one tenant do not prevent other tenants from being served, from the first start on',
  async () => {
    const [first] = takeAddresses(1);
    const files = {
      ...(await greedy()),
      'first.yaml': [ingressOf('first'), ...podsOf('first', [first ?? ''], backends.ports.http)],
    };
    instance = await startInstance(files, { readyWithin: READY_MS });
    await untilServed(instance, 'first', [first ?? '']);
    const said = instance.lines.join('\n');
    expect(said).toContain('--max-certificate-bytes');
    expect(said).toContain('Service greedy/web has 80000 endpoints, more than the 10000 of --max-service-endpoints');
    expect(said).not.toContain('are more than the');
  },
  READY_MS,
);

it(
  'new hosts, endpoints and certificates of other tenants are served while one tenant has the largest objects',
  async () => {
    const [one = '', other = ''] = takeAddresses(2);
    const { cert, key } = await issue([hostOf('late')]);
    instance.write('late.yaml', [
      ingressOf('late', 'late', { tls: 'late' }),
      secret(NAMESPACE, 'late', cert, key),
      ...podsOf('late', [one], backends.ports.http),
    ]);
    await untilServed(instance, 'late', ['308', '301', one], { timeout: 60_000 });
    await until('the certificate is presented', async () => (await namesOf('late')).includes(hostOf('late')), 20_000);
    instance.write('plain.yaml', [ingressOf('plain'), ...podsOf('plain', [one], backends.ports.http)]);
    await untilServed(instance, 'plain', [one], { timeout: 60_000 });
    instance.write('plain.yaml', [ingressOf('plain'), ...podsOf('plain', [other], backends.ports.http)]);
    await untilServed(instance, 'plain', [other]);
  },
  READY_MS,
);
