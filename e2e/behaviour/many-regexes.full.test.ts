/**
 * The number of regular expressions of a host is limited. Excess paths, which are those of the youngest Ingress, answer
 * 503, and all other paths are served.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { placeIn } from '../runner/object.ts';
import { podOf, untilServed } from './served.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';

const MOST = 5000;
const YOUNG = 20;

let backends: Backends;
let instance: Instance;
const [[many = ''], [other = '']] = [takeAddresses(1), takeAddresses(1)];

/** An Ingress of the host `many` with `count` regular expressions, such as `/old17x+`. */
function withRegexes(name: string, created: string, count: number) {
  const backend = { service: { name: 'many', port: { number: 80 } } };
  const paths = Array.from({ length: count }, (_, n) => ({
    path: `/${name}${n}x+`,
    pathType: 'ImplementationSpecific',
    backend,
  }));
  const annotations = { 'nginx.ingress.kubernetes.io/use-regex': 'true' };
  return placeIn(NAMESPACE, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, annotations, creationTimestamp: created },
    spec: { rules: [{ host: hostOf('many'), http: { paths } }] },
  });
}

beforeAll(async () => {
  backends = await startBackends();
}, 30_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it('excess regular expressions of the younger Ingress answer 503, and other paths and hosts are served', async () => {
  const files = {
    'young.yaml': [withRegexes('young', '2024-01-01T00:00:00Z', YOUNG)],
    'old.yaml': [withRegexes('old', '2020-01-01T00:00:00Z', MOST - YOUNG / 2)],
    'many.yaml': podsOf('many', [many], backends.ports.http),
    'other.yaml': [ingressOf('other'), ...podsOf('other', [other], backends.ports.http)],
  };
  instance = await startInstance(files, { readyWithin: 100_000 });
  await untilServed(instance, 'other', [other]);
  const all = [
    ...[0, 1, MOST - YOUNG / 2 - 1].map((n) => ['old', n, many] as const),
    ...Array.from({ length: YOUNG }, (_, n) => ['young', n, n < YOUNG / 2 ? many : '503'] as const),
  ];
  for (const [name, n, expected] of all)
    expect([name, n, await podOf(instance, 'many', `/${name}${n}xx`)]).toEqual([name, n, expected]);
  await instance.line(new RegExp(`${NAMESPACE}/young: .* has more than ${MOST} regular expressions`));
  // Without the older Ingress, the younger one does not exceed the limit.
  instance.write('old.yaml', []);
  await untilServed(instance, 'many', [many], { path: `/young${YOUNG - 1}xx`, timeout: 30_000 });
}, 240_000);
