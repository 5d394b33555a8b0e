/**
 * Checks that NGINX accepts every value that a parser of annotations accepts: every good example of every annotation
 * with every protocol, and all combinations of buffer sizes. A value that only NGINX rejects would quarantine its
 * Ingress.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ANNOTATION_KEYS } from '../../controller/model/features/annotations.ts';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { podOf } from './served.ts';
import { ingressOf, podsOf, takeAddresses } from './site.ts';

const PROTOCOLS = ['HTTP', 'HTTPS', 'AUTO_HTTP', 'GRPC', 'GRPCS', 'FCGI'];

/** Every good example of every annotation. Each item contains the annotations of one Ingress. */
function everyValue(): Record<string, string>[] {
  return [...ANNOTATION_KEYS]
    .filter(([name]) => name !== 'backend-protocol')
    .flatMap(([name, key]) => key.good.map((value) => [name, value] as const))
    .flatMap(([name, value]) => PROTOCOLS.map((protocol) => ({ 'backend-protocol': protocol, [name]: value })));
}

function everySize(): Record<string, string>[] {
  return ['HTTP', 'FCGI'].flatMap((protocol) =>
    ['1k', '8K', '64m'].flatMap((size) =>
      ['1', '2', '3', '8'].flatMap((count) =>
        ['', '1k', '24k', '1g'].flatMap((busy) =>
          ['0', '1', '16k', '2g'].map((file) => ({
            'backend-protocol': protocol,
            'proxy-buffer-size': size,
            'proxy-buffers-number': count,
            'proxy-busy-buffers-size': busy,
            'proxy-max-temp-file-size': file,
          })),
        ),
      ),
    ),
  );
}

/** A setting that only NGINX rejects. Its message shows that the test recognizes such messages. */
const BAD: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
  data: { 'http-snippet': 'no_such_directive on;' },
};

let backends: Backends;
let instance: Instance;

beforeAll(async () => {
  backends = await startBackends();
}, 30_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it('NGINX accepts every annotation value that the parsers of annotations accept', async () => {
  const ingresses = [...everyValue(), ...everySize()].map((annotations, index) =>
    ingressOf(`v${index}`, `v${index}`, { annotations }),
  );
  const neighbour: KubernetesObject[] = [
    ingressOf('neighbour'),
    ...podsOf('neighbour', takeAddresses(1), backends.ports.http),
  ];
  const files = { 'values.yaml': ingresses, 'neighbour.yaml': [...neighbour, BAD] };
  instance = await startInstance(files, { readyWithin: 100_000 });
  expect(await podOf(instance, 'neighbour')).toMatch(/^127\./);
  const refused = instance.lines.filter((line) => /nginx refuses|refused by nginx/.test(line));
  expect(refused).toEqual([expect.stringMatching(/http-snippet\S* contains directives that nginx refuses/)]);
}, 120_000);
