/** Objects that say who may use hosts, Secrets and ConfigMaps. */
import { expect, test } from 'vitest';
import { emulated, watched } from '../fixtures/emulated.ts';

function named(kind: string, name: string, annotations: Readonly<Record<string, string>>, namespace?: string) {
  return { apiVersion: 'v1', kind, metadata: { name, annotations, ...(namespace !== undefined && { namespace }) } };
}

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
