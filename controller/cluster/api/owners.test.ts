/** Objects that say who may use hosts, Secrets and ConfigMaps. */
import { expect, test } from 'vitest';
import { KEEP_EVERYTHING } from '../../types/keeping.ts';
import { emulated, untilTrue, watched } from '../fixtures/emulated.ts';

function named(kind: string, name: string, annotations: Readonly<Record<string, string>>, namespace?: string) {
  return { apiVersion: 'v1', kind, metadata: { name, annotations, ...(namespace !== undefined && { namespace }) } };
}

test('Namespaces are watched for the annotation with their hosts only if that is requested', async () => {
  const cluster = await emulated();
  const { server } = cluster;
  const written = named('Namespace', 'shop', { 'tidegate.dev/hosts': 'shop.example.com', other: 'x' });
  const labels = { 'tidegate.dev/hosts': 'label.example.com', other: 'x' };
  server.put({ ...written, metadata: { ...written.metadata, labels } });
  const without = await watched(cluster);
  expect(without.watch.current().snapshot.Namespace.size).toBe(0);
  const keeping = { ...KEEP_EVERYTHING, isReadOfNamespace: (name: string) => name.startsWith('tidegate.dev/') };
  const { watch } = await watched(cluster, { namespaces: true, tuning: { keeping } });
  const held = () => watch.current().snapshot.Namespace.get('shop')?.metadata?.annotations;
  expect(held()).toEqual({ 'tidegate.dev/hosts': 'shop.example.com' });
  // A label is an error that is reported.
  expect(watch.current().snapshot.Namespace.get('shop')?.metadata?.labels).toEqual({
    'tidegate.dev/hosts': 'label.example.com',
  });
  server.put(named('Namespace', 'shop', { 'tidegate.dev/hosts': 'new.example.com' }));
  await untilTrue(() => held()?.['tidegate.dev/hosts'] === 'new.example.com');
});

test('of a Secret and a ConfigMap, the annotation with the namespaces that may use it is kept, and no other', async () => {
  const cluster = await emulated();
  const annotations = { 'tidegate.dev/allow-from': 'shop', note: 'x' };
  for (const kind of ['Secret', 'ConfigMap']) cluster.server.put(named(kind, 'shared', annotations, 'identity'));
  const keys = new Set(['identity/shared']);
  const { watch } = await watched(cluster, { referencesOf: () => ({ secrets: keys, configMaps: keys }) });
  for (const kind of ['Secret', 'ConfigMap'] as const)
    expect(watch.current().snapshot[kind].get('identity/shared')?.metadata?.annotations).toEqual({
      'tidegate.dev/allow-from': 'shop',
    });
});

test('of the ConfigMap with the owners of hosts, binaryData is kept, too', async () => {
  const cluster = await emulated();
  cluster.server.put({ ...named('ConfigMap', 'hosts', {}, 'system'), binaryData: { shop: '/w==' } });
  const { watch } = await watched(cluster, { configMap: 'system/settings', hostPolicy: 'system/hosts' });
  expect(watch.current().snapshot.ConfigMap.get('system/hosts')?.binaryData).toEqual({ shop: '/w==' });
});

test('the ConfigMap with the owners of hosts keeps its last content when it is deleted', async () => {
  const cluster = await emulated();
  const { server } = cluster;
  server.put({ ...named('ConfigMap', 'hosts', {}, 'system'), data: { shop: 'shop.example.com' } });
  const { watch } = await watched(cluster, { configMap: 'system/settings', hostPolicy: 'system/hosts' });
  server.remove('ConfigMap', 'system', 'hosts');
  await untilTrue(() => watch.current().problems.length > 0);
  expect(watch.current().problems).toMatchObject([
    {
      code: 'settings-deleted',
      object: { kind: 'ConfigMap', namespace: 'system', name: 'hosts' },
      message: expect.stringContaining('--host-policy-configmap'),
    },
  ]);
  expect(watch.current().snapshot.ConfigMap.get('system/hosts')?.data).toEqual({ shop: 'shop.example.com' });
});
