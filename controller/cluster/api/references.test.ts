import { describe, expect, test } from 'vitest';
import { emulated, ingress, secret, sleep, slice, tlsSecrets, untilTrue, watched } from '../fixtures/emulated.ts';
import type { Emulated, Watched } from '../fixtures/emulated.ts';

function fill({ server }: Emulated, count: number): void {
  for (let index = 0; index < count; index += 1) {
    server.put(ingress(`i${index}`, { secret: `t${index}` }));
    server.put(secret(`t${index}`, `first ${index}`));
  }
}

function certificate({ watch }: Watched, key: string): string {
  return atob(watch.current().snapshot.Secret.get(key)?.data?.['tls.crt'] ?? '');
}

const NONE = { secrets: new Set<string>(), configMaps: new Set<string>() };

describe('references', () => {
  test('each referenced name has a watch of its own, and unreferenced objects are not requested', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    fill(cluster, 3);
    server.put(secret('unrelated', 'x'));
    server.put({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'system' },
      data: { a: '1' },
    });
    const found = await watched(cluster, { referencesOf: tlsSecrets, configMap: 'system/settings' });
    expect(found.watch.current().snapshot.ConfigMap.get('system/settings')?.data).toEqual({ a: '1' });
    await untilTrue(() => server.watches({ resource: 'secrets' }) === 3);
    const asked = server.log.find({ resource: 'secrets' }).map(({ query }) => query['fieldSelector']);
    expect(new Set(asked)).toEqual(new Set(['metadata.name=t0', 'metadata.name=t1', 'metadata.name=t2']));
    server.put(secret('t1', 'second'));
    await untilTrue(() => certificate(found, 'shop/t1') === 'second');
    expect(found.events.at(-1)?.changes).toEqual([{ kind: 'Secret', key: 'shop/t1' }]);
  });

  test('an Ingress that refers to another Secret is published together with that Secret', async () => {
    const cluster = await emulated();
    fill(cluster, 2);
    const found = await watched(cluster, { referencesOf: tlsSecrets });
    cluster.server.put(secret('next', 'next'));
    cluster.server.fault({ kind: 'delay', delay: 100, resource: 'secrets', verb: 'list' });
    cluster.server.put(ingress('i0', { secret: 'next' }));
    await untilTrue(() => found.events.length > 1);
    expect(found.events.at(-1)?.changes).toEqual([
      { kind: 'Ingress', key: 'shop/i0' },
      { kind: 'Secret', key: 'shop/next' },
    ]);
  });

  test('a ConfigMap that an Ingress refers to is watched by name and published with the Ingress', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    const headers = (team: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'headers', namespace: 'shop' },
      data: { team },
    });
    server.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'unrelated', namespace: 'shop' } });
    server.put(headers('blue'));
    const found = await watched(cluster, {
      referencesOf: ({ Ingress }) => ({ ...NONE, configMaps: new Set(Ingress.size === 0 ? [] : ['shop/headers']) }),
    });
    expect(found.watch.current().snapshot.ConfigMap.size).toBe(0);
    server.put(ingress('a'));
    await untilTrue(() => found.events.length > 1);
    expect(found.events.at(-1)?.changes).toEqual([
      { kind: 'ConfigMap', key: 'shop/headers' },
      { kind: 'Ingress', key: 'shop/a' },
    ]);
    server.put(headers('red'));
    await untilTrue(() => found.watch.current().snapshot.ConfigMap.get('shop/headers')?.data?.['team'] === 'red');
    expect(found.events.at(-1)?.changes).toEqual([{ kind: 'ConfigMap', key: 'shop/headers' }]);
    const asked = server.log.find({ resource: 'configmaps' }).map(({ query }) => query['fieldSelector']);
    expect(new Set(asked)).toEqual(new Set(['metadata.name=headers']));
    expect([...found.watch.current().snapshot.ConfigMap.keys()]).toEqual(['shop/headers']);
  });

  test('referencesOf() is called only for changed Ingresses, unless a change affects all Ingresses', async () => {
    const cluster = await emulated();
    fill(cluster, 3);
    const asked: (readonly string[] | undefined)[] = [];
    const found = await watched(cluster, {
      configMap: 'system/settings',
      referencesOf: (snapshot, ingresses) => {
        asked.push(ingresses === undefined ? undefined : [...ingresses]);
        return tlsSecrets(snapshot);
      },
    });
    asked.length = 0;
    cluster.server.put(secret('next', 'next'));
    cluster.server.put(ingress('i1', { secret: 'next' }));
    await untilTrue(() => found.watch.current().snapshot.Secret.has('shop/next'));
    expect(asked).toContainEqual(['shop/i1']);
    expect(asked).not.toContain(undefined);
    asked.length = 0;
    cluster.server.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'system' } });
    await untilTrue(() => found.watch.current().snapshot.ConfigMap.has('system/settings'));
    expect(asked[0]).toBeUndefined();
    expect(asked).toHaveLength(1);
  });

  test('after a change to a referenced ConfigMap, referencesOf() is not called for any Ingress', async () => {
    const cluster = await emulated();
    fill(cluster, 3);
    const headers = (team: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'headers', namespace: 'shop' },
      data: { team },
    });
    cluster.server.put(headers('red'));
    const asked: (readonly string[] | undefined)[] = [];
    const found = await watched(cluster, {
      configMap: 'system/settings',
      referencesOf: (snapshot, ingresses) => {
        asked.push(ingresses === undefined ? undefined : [...ingresses]);
        return { ...tlsSecrets(snapshot), configMaps: new Set(['shop/headers']) };
      },
    });
    asked.length = 0;
    cluster.server.put(headers('blue'));
    await untilTrue(() => found.watch.current().snapshot.ConfigMap.get('shop/headers')?.data?.['team'] === 'blue');
    expect(asked.flat()).toEqual([]);
    expect(asked).not.toContain(undefined);
  });

  test('Ingresses wait for slow calls of referencesOf(), but endpoints do not', async () => {
    const cluster = await emulated();
    fill(cluster, 2);
    let asked = 0;
    let answer = (): void => {};
    const found = await watched(cluster, {
      referencesOf: async (snapshot) => {
        asked += 1;
        if (asked > 2) await new Promise<void>((resolve) => (answer = resolve));
        return tlsSecrets(snapshot);
      },
    });
    // `referencesOf` was called until it returned no new references.
    expect(asked).toBe(2);
    expect([...found.events[0]!.snapshot.Secret.keys()]).toEqual(['shop/t0', 'shop/t1']);
    cluster.server.put(secret('next', 'next'));
    cluster.server.put(ingress('i0', { secret: 'next' }));
    await untilTrue(() => asked === 3);
    cluster.server.put(slice('web', ['10.0.0.1']));
    await untilTrue(() => found.events.length > 1);
    expect(found.events[1]!.changes).toEqual([{ kind: 'EndpointSlice', key: 'shop/web-abcde' }]);
    answer();
    await untilTrue(() => found.events.length > 2);
    expect(found.events[2]!.changes).toEqual([
      { kind: 'Ingress', key: 'shop/i0' },
      { kind: 'Secret', key: 'shop/next' },
    ]);
    await sleep(50);
    expect(asked).toBe(3);
  });

  test('an Ingress waits only for a limited time for a Secret that cannot be read', async () => {
    const cluster = await emulated();
    fill(cluster, 1);
    const found = await watched(cluster, { referencesOf: tlsSecrets, tuning: { holdMs: 300 } });
    cluster.server.fault({ kind: 'status', code: 500, resource: 'secrets', verb: 'list' });
    cluster.server.put(ingress('new', { secret: 'unheard-of' }));
    await untilTrue(() => found.watch.current().snapshot.Ingress.has('shop/new'));
  });

  test('an Ingress waits only for a limited time while more Ingresses with new references arrive', async () => {
    const cluster = await emulated();
    const found = await watched(cluster, { referencesOf: tlsSecrets, tuning: { holdMs: 300 } });
    cluster.server.fault({ kind: 'delay', delay: 120, resource: 'secrets', verb: 'list' });
    const began = performance.now();
    for (let index = 0; index < 40; index += 1) {
      cluster.server.put(ingress(`new${index}`, { secret: `t${index}` }));
      await sleep(30);
      if (found.watch.current().snapshot.Ingress.has('shop/new0')) break;
    }
    expect(performance.now() - began).toBeLessThan(900);
    expect(found.watch.current().snapshot.Ingress.has('shop/new0')).toBe(true);
  });

  test('an object that is no longer referenced is removed from the Snapshot only after some time', async () => {
    const cluster = await emulated();
    fill(cluster, 2);
    const found = await watched(cluster, { referencesOf: tlsSecrets, tuning: { lingerMs: 300 } });
    const { watch } = found;
    await untilTrue(() => cluster.server.watches({ resource: 'secrets' }) === 2);
    watch.reference({ ...NONE, secrets: new Set(['shop/t0']) });
    watch.reference(tlsSecrets(watch.current().snapshot));
    await sleep(500);
    expect(watch.current().snapshot.Secret.size).toBe(2);
    watch.reference({ ...NONE, secrets: new Set(['shop/t0']) });
    expect(watch.current().snapshot.Secret.size).toBe(2);
    await untilTrue(() => watch.current().snapshot.Secret.size === 1);
    await untilTrue(() => cluster.server.watches({ resource: 'secrets' }) === 1);
    expect([...watch.current().snapshot.Secret.keys()]).toEqual(['shop/t0']);
    watch.reference({ ...NONE, secrets: new Set(['shop/t0', 'shop/t1']) });
    await untilTrue(() => watch.current().snapshot.Secret.size === 2);
  });

  test('with the 31st name of a namespace, one watch of the namespace replaces all watches of names', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    fill(cluster, 30);
    const found = await watched(cluster, { referencesOf: tlsSecrets });
    await untilTrue(() => server.watches({ resource: 'secrets' }) === 30);
    server.put(secret('t30', 'first 30'));
    server.put(ingress('i30', { secret: 't30' }));
    await untilTrue(() => server.watches({ resource: 'secrets' }) === 1);
    for (const { snapshot } of found.events) expect(snapshot.Secret.size).toBeGreaterThanOrEqual(30);
    await untilTrue(() => certificate(found, 'shop/t30') === 'first 30');
    server.put(secret('t7', 'second'));
    await untilTrue(() => certificate(found, 'shop/t7') === 'second');
  });

  test('a namespace with many names is watched by name if the permissions allow only reading by name', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    server.fault({ kind: 'names-only', resource: 'secrets' });
    fill(cluster, 40);
    const found = await watched(cluster, { referencesOf: tlsSecrets });
    expect(found.events[0]?.snapshot.Secret.size).toBe(40);
    expect(found.events[0]?.problems).toEqual([]);
    await untilTrue(() => server.watches({ resource: 'secrets' }) === 40);
    server.put(secret('t40', 'first 40'));
    server.put(ingress('i40', { secret: 't40' }));
    await untilTrue(() => certificate(found, 'shop/t40') === 'first 40');
    await untilTrue(() => server.watches({ resource: 'secrets' }) === 41);
    server.put(secret('t7', 'second'));
    await untilTrue(() => certificate(found, 'shop/t7') === 'second');
    expect(found.events.flatMap(({ problems }) => problems)).toEqual([]);
    expect(server.log.count({ resource: 'secrets', code: 403 })).toBe(1);
  });

  test('if the watch of a namespace becomes forbidden, names are watched, and no Secret is missing', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    fill(cluster, 40);
    const found = await watched(cluster, { referencesOf: tlsSecrets });
    await untilTrue(() => server.watches({ resource: 'secrets' }) === 1);
    server.fault({ kind: 'names-only', resource: 'secrets' });
    server.dropWatches({ resource: 'secrets' });
    await untilTrue(() => server.watches({ resource: 'secrets' }) === 40);
    server.put(secret('t7', 'second'));
    await untilTrue(() => certificate(found, 'shop/t7') === 'second');
    for (const { snapshot } of found.events) expect(snapshot.Secret.size).toBe(40);
    await untilTrue(() => found.watch.current().problems.length === 0);
  });

  test('with the 201st name, one watch replaces all watches of names, and no Secret is missing', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    fill(cluster, 200);
    for (let index = 0; index < 20; index += 1) server.put(secret(`unrelated${index}`, 'x'));
    const found = await watched(cluster, { referencesOf: tlsSecrets, tuning: { singleWatchesPerNamespace: 200 } });
    const { watch, events } = found;
    await untilTrue(() => server.watches({ resource: 'secrets' }) === 200);
    server.put(secret('t200', 'first 200'));
    server.put(ingress('i200', { secret: 't200' }));
    await untilTrue(() => watch.current().snapshot.Secret.size === 201);
    watch.reference(tlsSecrets(watch.current().snapshot));
    await untilTrue(() => server.watches({ resource: 'secrets' }) === 1);
    for (const { snapshot } of events) expect(snapshot.Secret.size).toBeGreaterThanOrEqual(200);
    expect(watch.current().snapshot.Secret.size).toBe(201);
    const [last] = server.log.find({ resource: 'secrets', verb: 'watch' }).slice(-1);
    expect(last?.query['fieldSelector']).toContain('type!=helm.sh/release.v1');
    server.put(secret('t7', 'second'));
    await untilTrue(() => certificate(found, 'shop/t7') === 'second');
    // Now an Ingress refers to a Secret that existed before.
    const lists = server.log.count({ resource: 'secrets', verb: 'list' });
    server.put(ingress('late', { secret: 'unrelated3' }));
    await untilTrue(() => certificate(found, 'shop/unrelated3') === 'x');
    expect(server.log.count({ resource: 'secrets', verb: 'list' })).toBe(lists);
    expect(server.log.count({ resource: 'secrets', verb: 'get' })).toBe(1);
    server.put(secret('unrelated3', 'y'));
    await untilTrue(() => certificate(found, 'shop/unrelated3') === 'y');
    server.remove('Secret', 'shop', 'unrelated3');
    await untilTrue(() => !watch.current().snapshot.Secret.has('shop/unrelated3'));
    // After a new list of the namespace, all referenced Secrets are still known.
    server.compact();
    server.fault({ kind: 'gone', times: 1, resource: 'secrets' });
    server.dropWatches({ resource: 'secrets' });
    server.put(secret('t8', 'third'));
    await untilTrue(() => certificate(found, 'shop/t8') === 'third');
    expect(watch.current().snapshot.Secret.size).toBe(201);
  });

  test('an object that becomes referenced during a list of many objects is not lost', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    fill(cluster, 3);
    server.put(secret('a-first-one', 'x'));
    const found = await watched(cluster, { referencesOf: tlsSecrets, tuning: { singleWatches: 2, pageSize: 1 } });
    await untilTrue(() => server.watches({ resource: 'secrets' }) === 1);
    server.log.clear();
    server.fault({ kind: 'delay', delay: 100, resource: 'secrets', verb: 'list' });
    server.fault({ kind: 'gone', times: 1, resource: 'secrets' });
    server.dropWatches({ resource: 'secrets' });
    await untilTrue(() => server.log.count({ resource: 'secrets', verb: 'list', code: 200 }) === 2);
    server.put(ingress('new', { secret: 'a-first-one' }));
    await untilTrue(() => certificate(found, 'shop/a-first-one') === 'x');
    expect(server.watches({ resource: 'secrets' })).toBe(0);
    await untilTrue(() => server.watches({ resource: 'secrets' }) === 1);
    expect(certificate(found, 'shop/a-first-one')).toBe('x');
    server.put(secret('a-first-one', 'y'));
    await untilTrue(() => certificate(found, 'shop/a-first-one') === 'y');
  });

  test('startup waits while settings or Secrets that flags name cannot be read, unless they are missing', async () => {
    for (const [resource, code] of [
      ['configmaps', 403],
      ['secrets', 403],
      ['configmaps', 500],
    ] as const) {
      const cluster = await emulated();
      const { server } = cluster;
      server.fault({ kind: 'status', code, resource });
      server.put(secret('fallback', 'f'));
      const settings = { name: 'settings', namespace: 'system' };
      server.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: settings, data: { a: '1' } });
      const waiting: string[] = [];
      const watching = watched(cluster, {
        configMap: 'system/settings',
        secrets: new Set(['shop/fallback', 'shop/no-such']),
        onWaiting: (problems) => waiting.push(...problems.map(({ message }) => message)),
      });
      let first = false;
      void watching.then(() => (first = true));
      await untilTrue(() => server.log.count({ resource, code }) > 3);
      await untilTrue(() => waiting.length > 0);
      expect(first).toBe(false);
      if (code === 403)
        expect(waiting.at(-1)).toMatch(/ startup waits for this permission, and nothing is served until then$/);
      server.clearFaults();
      const { watch } = await watching;
      expect(watch.current().snapshot.ConfigMap.get('system/settings')?.data).toEqual({ a: '1' });
      expect([...watch.current().snapshot.Secret.keys()]).toEqual(['shop/fallback']);
    }
  });

  test('startup does not wait for a ConfigMap and a Secret that do not exist', async () => {
    const found = await watched(await emulated(), { configMap: 'system/settings', secrets: new Set(['no/such']) });
    expect(found.events[0]?.snapshot.ConfigMap.size).toBe(0);
    expect(found.events[0]?.problems).toEqual([]);
  });

  test('settings whose ConfigMap can no longer be read, or was deleted, remain as they were last read', async () => {
    const cluster = await emulated();
    const { server } = cluster;
    const put = (a: string): void =>
      void server.put({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings', namespace: 'system' },
        data: { a },
      });
    put('1');
    const { watch, events } = await watched(cluster, { configMap: 'system/settings' });
    const held = () => watch.current().snapshot.ConfigMap.get('system/settings')?.data?.['a'];
    server.fault({ kind: 'status', code: 403, resource: 'configmaps' });
    server.dropWatches({ resource: 'configmaps' });
    await untilTrue(() => watch.current().problems.some(({ code }) => code === 'api-forbidden'));
    expect(held()).toBe('1');
    server.clearFaults();
    await untilTrue(() => watch.current().problems.length === 0);
    server.remove('ConfigMap', 'system', 'settings');
    await untilTrue(() => watch.current().problems.some(({ code }) => code === 'settings-deleted'));
    expect(held()).toBe('1');
    expect(events.flatMap(({ changes }) => changes).filter(({ kind }) => kind === 'ConfigMap')).toHaveLength(1);
    // A new list does not contain the ConfigMap, and does not remove it.
    server.compact();
    server.dropWatches({ resource: 'configmaps' });
    await sleep(300);
    expect(held()).toBe('1');
    put('2');
    await untilTrue(() => held() === '2');
    await untilTrue(() => watch.current().problems.length === 0);
  });

  test('without permission to read Secrets, the first event is still published, with a Problem', async () => {
    const cluster = await emulated();
    fill(cluster, 2);
    cluster.server.fault({ kind: 'status', code: 403, resource: 'secrets' });
    const found = await watched(cluster, { referencesOf: tlsSecrets });
    expect(found.events[0]?.snapshot.Secret.size).toBe(0);
    expect(found.events[0]?.problems).toMatchObject([{ code: 'api-forbidden', value: 'Secret' }]);
    expect(found.events[0]?.problems[0]?.message).toContain(
      'secrets t0 in namespace shop and 1 more cannot be watched',
    );
    cluster.server.clearFaults();
    await untilTrue(() => found.watch.current().snapshot.Secret.size === 2);
    await untilTrue(() => found.watch.current().problems.length === 0);
  });
});
