import { expect, test } from 'vitest';
import { emulated, ingress, secret, sleep, tlsSecrets, untilTrue, watched } from '../fixtures/emulated.ts';

const POOL = { certificates: 'certs', referencesOf: tlsSecrets };

function opaque(name: string, data: Readonly<Record<string, string>> = { a: btoa('b') }) {
  return { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { name, namespace: 'certs' }, data };
}

test('all TLS Secrets of the namespace are read, with one watch, and no other Secrets', async () => {
  const cluster = await emulated();
  const { server } = cluster;
  for (const name of ['one', 'two']) server.put(secret(name, name, 'certs'));
  server.put(opaque('other'));
  server.put(secret('elsewhere', 'x', 'shop'));
  const { watch, events } = await watched(cluster, POOL);
  const keys = () => [...watch.current().snapshot.Secret.keys()];
  expect(events[0]?.snapshot.Secret.size).toBe(2);
  await untilTrue(() => server.watches({ resource: 'secrets' }) === 1);
  for (const { namespace, query } of server.log.find({ resource: 'secrets' }))
    expect([namespace, query['fieldSelector']]).toEqual(['certs', 'type=kubernetes.io/tls']);
  server.put(secret('three', '3', 'certs'));
  await untilTrue(() => keys().length === 3);
  server.remove('Secret', 'certs', 'one');
  await untilTrue(() => keys().length === 2);
  expect(keys()).toEqual(['certs/three', 'certs/two']);
});

test('a Secret of the pool that an Ingress names, too, stays after the Ingress is gone', async () => {
  const cluster = await emulated();
  const { server } = cluster;
  server.put(secret('one', 'one', 'certs'));
  server.put(ingress('i', { namespace: 'certs', secret: 'one' }));
  const { watch } = await watched(cluster, POOL);
  const held = () => atob(watch.current().snapshot.Secret.get('certs/one')?.data?.['tls.crt'] ?? '');
  watch.reference({ secrets: new Set(['certs/one']), configMaps: new Set() });
  server.put(secret('one', 'renewed', 'certs'));
  await untilTrue(() => held() === 'renewed');
  watch.reference({ secrets: new Set(), configMaps: new Set() });
  await sleep(400);
  expect(held()).toBe('renewed');
  server.remove('Secret', 'certs', 'one');
  await untilTrue(() => held() === '');
});

test('an Opaque Secret of the namespace is read only if an Ingress names it, even in place of a TLS Secret', async () => {
  const cluster = await emulated();
  const { server } = cluster;
  server.put(secret('one', 'one', 'certs'));
  const objects = { secrets: new Set(['certs/one']), configMaps: new Set<string>() };
  const { watch } = await watched(cluster, { certificates: 'certs', referencesOf: () => objects });
  const typeOf = () => watch.current().snapshot.Secret.get('certs/one')?.type;
  expect(typeOf()).toBe('kubernetes.io/tls');
  server.remove('Secret', 'certs', 'one');
  server.put(opaque('one'));
  await untilTrue(() => typeOf() === 'Opaque');
  await sleep(100);
  expect(typeOf()).toBe('Opaque');
});

test('the first event waits until the Secrets may be read', async () => {
  const cluster = await emulated();
  const { server } = cluster;
  server.put(secret('one', 'one', 'certs'));
  server.fault({ kind: 'status', code: 403, resource: 'secrets' });
  const told: string[] = [];
  let begun = false;
  const options = {
    ...POOL,
    onWaiting: (problems: readonly { readonly code: string }[]) => told.push(...problems.map(({ code }) => code)),
  };
  const found = watched(cluster, options).then((each) => {
    begun = true;
    return each;
  });
  await untilTrue(() => told.includes('api-forbidden'));
  expect(begun).toBe(false);
  server.clearFaults();
  expect((await found).events[0]?.snapshot.Secret.size).toBe(1);
});
