/**
 * Tests what only a real API server decides: field selectors, bookmarks, pages, and how expired versions are reported.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findAssets } from '../../../e2e/apiserver/assets.ts';
import { startRealServer } from '../../../e2e/apiserver/real.ts';
import type { SnapshotEvent } from '../../types/snapshot.ts';
import { ingress, namespaceWith, secret, service, slice, tlsSecrets, untilTrue } from '../fixtures/emulated.ts';
import { loadApi } from './connection.ts';
import { watchApi } from './watch-api.ts';

const assets = findAssets();

describe.skipIf('missing' in assets)('against a real API server', () => {
  test(
    'a watch lists in pages, follows changes, and switches from single Secrets to all Secrets of a namespace',
    { timeout: 120_000 },
    async () => {
      if ('missing' in assets) return;
      const folder = mkdtempSync(join(tmpdir(), 'tidegate-watch-'));
      const server = await startRealServer(assets.folder);
      server.writeKubeconfig(join(folder, 'kubeconfig'));
      const api = await loadApi({ kubeconfig: join(folder, 'kubeconfig') });
      onTestFinished(async () => {
        await api.close();
        await server.stop();
        rmSync(folder, { recursive: true, force: true });
      });
      async function create(path: string, body: object): Promise<void> {
        const answer = await api.request('POST', path, { body });
        expect({ ...answer, path }).toMatchObject({ status: 201 });
      }
      async function createAll(name: string): Promise<void> {
        await create('/api/v1/namespaces/shop/secrets', secret(`${name}-tls`, name));
        await create('/api/v1/namespaces/shop/services', service(name));
        await create('/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices', slice(name, ['10.0.0.1']));
        const path = '/apis/networking.k8s.io/v1/namespaces/shop/ingresses';
        await create(path, ingress(name, { secret: `${name}-tls` }));
      }
      await create('/api/v1/namespaces', namespaceWith('shop', { team: 'blue' }));
      await create('/api/v1/namespaces', namespaceWith('other', { team: 'red' }));
      for (const name of ['a', 'b', 'c']) await createAll(name);

      const events: SnapshotEvent[] = [];
      const tuning = { pageSize: 2, singleWatches: 3, idleMs: 5000 };
      const options = { referencesOf: tlsSecrets, watchNamespaceSelector: 'team=blue', tuning };
      const watch = await watchApi(api, options, (event) => events.push(event));
      onTestFinished(() => watch.close());
      const { snapshot } = watch.current();
      expect(events).toHaveLength(1);
      expect(events[0]?.problems).toEqual([]);
      expect([...snapshot.Ingress.keys()]).toEqual(['shop/a', 'shop/b', 'shop/c']);
      expect([...snapshot.Secret.keys()]).toEqual(['shop/a-tls', 'shop/b-tls', 'shop/c-tls']);
      expect([...snapshot.Namespace.keys()]).toEqual(['shop']);
      expect(snapshot.EndpointSlice.get('shop/a-abcde')).toEqual({
        addressType: 'IPv4',
        metadata: { name: 'a-abcde', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'a' } },
        endpoints: ['10.0.0.1'],
        ports: [{ name: '', port: 8080, protocol: 'TCP' }],
      });

      // The fourth name exceeds `singleWatches`, so one watch of the namespace, with a selector by type, replaces the
      // watches of single Secrets.
      await createAll('d');
      await untilTrue(() => watch.current().snapshot.Ingress.size === 4 && watch.current().snapshot.Secret.size === 4);
      const merge = { contentType: 'application/merge-patch+json' };
      const path = '/api/v1/namespaces/shop/secrets/b-tls';
      expect((await api.request('PATCH', path, { ...merge, body: secret('b-tls', 'new') })).status).toBe(200);
      await untilTrue(() => watch.current().snapshot.Secret.get('shop/b-tls')?.data?.['tls.crt'] === btoa('new'));

      const relabelled = { ...merge, body: { metadata: { labels: { team: 'red' } } } };
      await api.request('PATCH', '/api/v1/namespaces/shop', relabelled);
      await untilTrue(() => watch.current().snapshot.Ingress.size === 0);
      relabelled.body.metadata.labels.team = 'blue';
      await api.request('PATCH', '/api/v1/namespaces/shop', relabelled);
      await untilTrue(() => watch.current().snapshot.Ingress.size === 4);

      // After `idleMs` without an event, a new list is requested, which changes nothing.
      const told = events.length;
      await new Promise((resolve) => setTimeout(resolve, 8000));
      expect(events.length).toBe(told);
      expect(watch.current().problems).toEqual([]);
      expect(watch.ageMs()).toBeLessThan(10_000);

      const kept = watch.current().snapshot;
      await server.restart(2000);
      expect(watch.current().snapshot).toBe(kept);
      await createAll('e');
      await untilTrue(
        () => watch.current().snapshot.Secret.size === 5 && watch.current().snapshot.Ingress.size === 5,
        40_000,
      );
      await untilTrue(() => watch.current().problems.length === 0, 40_000);
      expect(watch.current().snapshot.Ingress.get('shop/a')).toBe(kept.Ingress.get('shop/a'));
      for (const event of events.slice(told)) expect(event.snapshot.Ingress.size).toBeGreaterThanOrEqual(4);
    },
  );
});
