/** Loads objects that are far larger than usual. No request to other hosts may be lost in the meantime. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { hostOf, ingressOf, NAMESPACE } from '../behaviour/site.ts';
import { ANNOTATION_PREFIX } from '../runner/object.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { startDrill } from './drill.ts';
import type { Drill } from './drill.ts';
import { takeIn } from './size.ts';

let backends: Backends;
let drill: Drill;

beforeAll(async () => {
  backends = await startBackends();
  drill = await startDrill('fz', backends);
}, 60_000);

afterAll(async () => {
  await drill?.dispose();
  await backends?.stop();
});

function manyPaths(count: number): KubernetesObject {
  const backend = { service: { name: 'fz1', port: { number: 80 } } };
  const paths = Array.from({ length: count }, (_, i) => ({ path: `/p${i}`, pathType: 'Exact', backend }));
  return { ...ingressOf('paths'), spec: { rules: [{ host: hostOf('paths'), http: { paths } }] } };
}

function manyHosts(count: number): KubernetesObject {
  const backend = { service: { name: 'fz1', port: { number: 80 } } };
  const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] };
  const rules = Array.from({ length: count }, (_, i) => ({ host: hostOf(`h${i}`), http }));
  return { ...ingressOf('hosts'), spec: { rules } };
}

/** An Ingress with one annotation of Tidegate, and 1 MiB of other annotations. */
function manyAnnotations(): KubernetesObject {
  const ingress = ingressOf('annotations', 'fz1', { annotations: { 'proxy-body-size': '3m' } });
  const more = Array.from({ length: 1024 }, (_, i) => [`example.com/note-${i}`, 'x'.repeat(1000)] as const);
  const annotations = { ...ingress.metadata.annotations, ...Object.fromEntries(more) };
  return { ...ingress, metadata: { ...ingress.metadata, namespace: NAMESPACE, annotations } };
}

it(
  'no request is lost while a host with 10,000 paths is added',
  () => takeIn(drill, '10,000 paths', manyPaths(10_000), 'paths', '/p9999'),
  240_000,
);
it(
  'no request is lost while an Ingress with 5,000 hosts is added',
  () => takeIn(drill, '5,000 hosts', manyHosts(5000), 'h4999', '/'),
  240_000,
);
it('no request is lost while an Ingress with 1 MiB of annotations is added', async () => {
  const ingress = manyAnnotations();
  expect(ingress.metadata.annotations?.[`${ANNOTATION_PREFIX}proxy-body-size`]).toBe('3m');
  await takeIn(drill, '1 MiB of annotations', ingress, 'annotations', '/');
}, 240_000);
