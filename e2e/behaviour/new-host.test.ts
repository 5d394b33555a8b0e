/** A host that is new among many others: NGINX is tested with its server block, and not with those of the others. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { issue } from '../certificates.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { placeIn } from '../runner/object.ts';
import { secretOf } from '../runner/secrets.ts';
import { untilServed } from './served.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';

const SITES = Array.from({ length: 60 }, (_, index) => `s${index}`);
const addresses = takeAddresses(1);
let backends: Backends;
let instance: Instance;

beforeAll(async () => {
  backends = await startBackends();
  const pair = await issue([hostOf('s0'), hostOf('tls')]);
  instance = await startInstance({
    'pods.yaml': [...podsOf('s0', addresses, backends.ports.http), placeIn(NAMESPACE, secretOf('s0', pair))],
    'sites.yaml': SITES.map((name) => ingressOf(name, 's0', name === 's0' ? { tls: 's0' } : {})),
  });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it.each([
  ['plain', {}],
  ['tls', { tls: 's0' }],
  ['annotated', { annotations: { 'enable-cors': 'true', 'limit-rps': '900', 'proxy-buffer-size': '16k' } }],
  ['pattern', { annotations: { 'use-regex': 'true', 'rewrite-target': '/' }, path: '/(a|b)' }],
  ['limited', { annotations: { 'limit-connections': '100' } }],
  ['aliased', { annotations: { 'server-alias': 'alias.example.test', 'proxy-redirect-from': 'off' } }],
])('%s', async (name, options) => {
  const from = instance.lines.length;
  instance.write(`${name}.yaml`, [ingressOf(name, 's0', options)]);
  // The host with TLS redirects.
  await untilServed(instance, name, [...addresses, '308'], { path: name === 'pattern' ? '/a' : '/' });
  expect(instance.lines.slice(from).filter((line) => /(?:refused|error): /.test(line))).toEqual([]);
});
