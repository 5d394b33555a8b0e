import { expect, test } from 'vitest';
import { KEEP_EVERYTHING } from '../../types/keeping.ts';
import { emulated, secret, untilTrue } from '../fixtures/emulated.ts';
import { createLookUp } from './look-up.ts';

const never = new AbortController().signal;
const names = (...secrets: readonly string[]) => ({ secrets: new Set(secrets), configMaps: new Set<string>() });

test('objects are read once, in their stored form, and not watched', async () => {
  const { server, connection } = await emulated();
  server.put(secret('here', 'x'));
  const metadata = { name: 'headers', namespace: 'shop' };
  server.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'b' } });
  const lookUp = createLookUp(connection, KEEP_EVERYTHING);
  const found = await lookUp({ ...names('shop/here', 'shop/gone'), configMaps: new Set(['shop/headers']) }, never);
  expect([...found.Secret.keys()]).toEqual(['shop/here']);
  expect(found.ConfigMap.get('shop/headers')?.data).toEqual({ a: 'b' });
  expect([server.watches({ resource: 'secrets' }), server.watches({ resource: 'configmaps' })]).toEqual([0, 0]);
});

test('what does not arrive in time is missing, and one call reads at most 32 objects', async () => {
  const { server, connection } = await emulated();
  server.put(secret('slow', 'x'));
  server.fault({ kind: 'delay', delay: 5000, resource: 'secrets', verb: 'get' });
  const lookUp = createLookUp(connection, KEEP_EVERYTHING, 50);
  expect((await lookUp(names('shop/slow'), never)).Secret.size).toBe(0);
  server.clearFaults();
  const many = Array.from({ length: 100 }, (_, index) => `shop/s${index}`);
  await createLookUp(connection, KEEP_EVERYTHING)(names(...many), never);
  await untilTrue(() => server.log.find({ resource: 'secrets' }).length >= 32);
  expect(server.log.find({ resource: 'secrets' }).length).toBeLessThan(40);
});
