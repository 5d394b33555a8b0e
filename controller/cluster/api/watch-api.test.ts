import { describe, expect, test } from 'vitest';
import {
  emulated,
  ingress,
  namespaceWith,
  secret,
  service,
  slice,
  sleep,
  tlsSecrets,
  untilTrue,
  watched,
} from '../fixtures/emulated.ts';
import { addressesOf, endpointsOf } from '../../types/endpoint-slice.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import type { WatchApiOptions } from './watch-api.ts';

/** Addresses of a Service's endpoints in a Snapshot. */
function addresses({ slicesOfService }: Pick<Snapshot, 'slicesOfService'>, key: string): string[] {
  const slices = slicesOfService.get(key) ?? [];
  return slices.flatMap((each) => endpointsOf(each).flatMap(addressesOf));
}

describe('the first event', () => {
  test('the first event is published once, and contains all objects and the referenced Secrets', async () => {
    const cluster = await emulated({ tls: true, token: 'let-me-in' });
    const { server } = cluster;
    for (const name of ['a', 'b', 'c']) {
      server.put(ingress(name, { secret: `${name}-tls` }));
      server.put(service(name));
      server.put(slice(name, ['10.0.0.1']));
      server.put(secret(`${name}-tls`, name));
    }
    server.put(secret('unrelated', 'x'));
    const { events, watch } = await watched(cluster, { referencesOf: tlsSecrets, tuning: { pageSize: 2 } });
    expect(events).toHaveLength(1);
    const { snapshot, changes, problems } = events[0]!;
    expect([...snapshot.Ingress.keys()]).toEqual(['shop/a', 'shop/b', 'shop/c']);
    expect([...snapshot.Secret.keys()]).toEqual(['shop/a-tls', 'shop/b-tls', 'shop/c-tls']);
    expect(addresses(snapshot, 'shop/b')).toEqual(['10.0.0.1']);
    expect(changes).toHaveLength(12);
    expect(problems).toEqual([]);
    expect(watch.current().snapshot).toBe(snapshot);
    expect(watch.current().locate({ kind: 'Ingress', namespace: 'shop', name: 'a' }, [])).toBeUndefined();
    expect(server.log.count({ verb: 'list', resource: 'ingresses' })).toBe(2);
  });

  test('the first event waits while a kind cannot be listed, and the reason is reported', async () => {
    const cluster = await emulated();
    cluster.server.put(ingress('a'));
    cluster.server.fault({ kind: 'status', code: 500, verb: 'list', resource: 'endpointslices' });
    const told: string[] = [];
    const pending = watched(cluster, { onWaiting: (problems) => told.push(...problems.map(({ code }) => code)) });
    await untilTrue(() => told.length > 0);
    expect(told).toContain('api-unreachable');
    expect(cluster.server.log.count({ verb: 'list', resource: 'ingresses' })).toBe(1);
    cluster.server.clearFaults();
    const { events } = await pending;
    expect(events).toHaveLength(1);
    expect(events[0]!.problems).toEqual([]);
  });

  test('an abort ends the wait for the first event, and no watch stays open', async () => {
    const cluster = await emulated();
    cluster.server.fault({ kind: 'hang', verb: 'list', resource: 'services' });
    const giveUp = new AbortController();
    const pending = watched(cluster, { signal: giveUp.signal });
    await untilTrue(() => cluster.server.watches() > 0);
    giveUp.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    await untilTrue(() => cluster.server.watches() === 0);
  });
});

describe('the content of Snapshots', () => {
  test('objects contain only the fields that are used, and the uid', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    server.put({
      ...ingress('a', { annotation: '/start', secret: 'a-tls' }),
      metadata: {
        name: 'a',
        namespace: 'shop',
        labels: { app: 'a' },
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"big":1}', keep: 'this' },
        managedFields: [{ manager: 'kubectl' }],
      },
    });
    server.put(slice('a', ['10.0.0.1', '10.0.0.2']));
    server.put(secret('a-tls', 'a'));
    const { watch } = await watched(cluster, { referencesOf: tlsSecrets });
    const { snapshot } = watch.current();
    expect(snapshot.Ingress.get('shop/a')?.metadata).toEqual({
      name: 'a',
      namespace: 'shop',
      uid: expect.any(String),
      creationTimestamp: expect.any(String),
      annotations: { keep: 'this' },
    });
    expect(snapshot.Secret.get('shop/a-tls')?.data).toEqual({ 'tls.crt': btoa('a'), 'tls.key': btoa('a key') });
    expect(snapshot.EndpointSlice.get('shop/a-abcde')).toEqual({
      addressType: 'IPv4',
      metadata: { name: 'a-abcde', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'a' } },
      // Endpoints that are ready and have no hints are stored as addresses.
      endpoints: ['10.0.0.1', '10.0.0.2'],
      ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    });
  });

  test('a change to the status of an Ingress causes no event, but the new status can be read', async () => {
    const cluster = await emulated();
    cluster.server.put(ingress('a'));
    const { watch, events } = await watched(cluster);
    const before = watch.current().snapshot.Ingress.get('shop/a');
    expect(watch.ingressStatus('shop/a')).toEqual([]);
    const status = { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } };
    const answer = await cluster.connection.request(
      'PATCH',
      '/apis/networking.k8s.io/v1/namespaces/shop/ingresses/a/status',
      { body: status, contentType: 'application/merge-patch+json' },
    );
    expect(answer.status).toBe(200);
    await untilTrue(() => watch.ingressStatus('shop/a')?.length === 1);
    expect(watch.ingressStatus('shop/a')).toEqual([{ ip: '192.0.2.1' }]);
    cluster.server.put(service('a'));
    await untilTrue(() => events.length > 1);
    expect(events[1]!.changes).toEqual([{ kind: 'Service', key: 'shop/a' }]);
    expect(watch.current().snapshot.Ingress.get('shop/a')).toBe(before);
    cluster.server.remove('Ingress', 'shop', 'a');
    await untilTrue(() => watch.current().snapshot.Ingress.size === 0);
    expect(watch.ingressStatus('shop/a')).toBeUndefined();
  });

  test('simultaneous changes are published in one event, and older Snapshots do not change', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    const { watch, events } = await watched(cluster);
    server.put(service('a'));
    server.put(slice('a', ['10.0.0.1']));
    await untilTrue(() => addresses(watch.current().snapshot, 'shop/a').length === 1);
    const old = watch.current().snapshot;
    server.put(slice('a', ['10.0.0.2', '10.0.0.3']));
    await untilTrue(() => addresses(watch.current().snapshot, 'shop/a').length === 2);
    expect(addresses(old, 'shop/a')).toEqual(['10.0.0.1']);
    expect(watch.current().snapshot.Service).toBe(old.Service);
    server.remove('EndpointSlice', 'shop', 'a-abcde');
    await untilTrue(() => watch.current().snapshot.slicesOfService.size === 0);
    expect(events.length).toBeLessThanOrEqual(5);
  });

  test('after close(), no event is published, and no watch stays open', async () => {
    const cluster = await emulated();
    const { watch, events } = await watched(cluster);
    await untilTrue(() => cluster.server.watches() === 4);
    watch.close();
    cluster.server.put(service('late'));
    await untilTrue(() => cluster.server.watches() === 0);
    await sleep(50);
    expect(events).toHaveLength(1);
  });
});

describe('the namespaces in scope', () => {
  test('one namespace and a Service of another one are watched without permission for IngressClasses', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    server.fault({ kind: 'status', code: 403, resource: 'ingressclasses' });
    for (const place of ['shop', 'other', 'system']) {
      server.put(ingress('a', { namespace: place }));
      server.put(service('web', place));
      server.put(service('fallback', place));
      server.put(slice('fallback', ['10.0.0.9'], place));
    }
    const options: WatchApiOptions = { watchNamespace: 'shop', services: new Set(['system/fallback']) };
    const { watch, events } = await watched(cluster, options);
    const { snapshot } = watch.current();
    expect([...snapshot.Ingress.keys()]).toEqual(['shop/a']);
    expect([...snapshot.Service.keys()]).toEqual(['shop/fallback', 'shop/web', 'system/fallback']);
    expect([...snapshot.slicesOfService.keys()]).toEqual(['shop/fallback', 'system/fallback']);
    // An installation for one namespace usually has no such permission, so this is not an error.
    expect(events[0]!.problems).toMatchObject([{ code: 'classes-by-name', severity: 'notice' }]);
    server.put(slice('fallback', ['10.0.0.10'], 'system'));
    await untilTrue(() => addresses(watch.current().snapshot, 'system/fallback')[0] === '10.0.0.10');
    const before = server.log.count({ resource: 'ingressclasses' });
    server.clearFaults();
    await untilTrue(() => watch.current().problems.length === 0);
    expect(server.log.count({ resource: 'ingressclasses' })).toBeGreaterThan(before);
    expect(server.log.find({ resource: 'ingresses' }).every(({ namespace: place }) => place === 'shop')).toBe(true);
  });

  test('namespaces are selected by label, and changes to the labels are followed', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    server.put(namespaceWith('shop', { team: 'blue' }));
    server.put(namespaceWith('other', { team: 'red' }));
    for (const place of ['shop', 'other']) {
      server.put(ingress('a', { namespace: place }));
      server.put(service('a', place));
      server.put(slice('a', ['10.0.0.1'], place));
    }
    const { watch, events } = await watched(cluster, {
      watchNamespaceSelector: 'team=blue',
      services: new Set(['other/a']),
    });
    expect([...watch.current().snapshot.Ingress.keys()]).toEqual(['shop/a']);
    expect([...watch.current().snapshot.Service.keys()]).toEqual(['other/a', 'shop/a']);
    server.put(namespaceWith('other', { team: 'blue' }));
    await untilTrue(() => watch.current().snapshot.Ingress.size === 2);
    expect(events.at(-1)?.changes).toEqual([
      { kind: 'Ingress', key: 'other/a' },
      { kind: 'Namespace', key: 'other' },
    ]);
    server.put(namespaceWith('shop', { team: 'green' }));
    await untilTrue(() => watch.current().snapshot.Ingress.size === 1);
    const { snapshot } = watch.current();
    expect([...snapshot.Ingress.keys()]).toEqual(['other/a']);
    expect([...snapshot.slicesOfService.keys()]).toEqual(['other/a']);
    server.put(service('b'));
    server.put(namespaceWith('shop', { team: 'blue' }));
    await untilTrue(() => watch.current().snapshot.Service.has('shop/b'));
  });
});
