import { expect, test } from 'vitest';
import { emulated } from './fixtures/emulated.ts';
import { checkNamespace } from './watched-namespace.ts';

test('checkNamespace() distinguishes an existing namespace from a missing namespace', async () => {
  const { server, connection } = await emulated();
  server.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  expect(await checkNamespace(connection, 'shop')).toEqual({ kind: 'exists' });
  expect(await checkNamespace(connection, 'shpo')).toEqual({ kind: 'missing' });
});

test('a namespace that cannot be read does not count as missing, and the reason is returned', async () => {
  const { server, connection } = await emulated();
  const reasonOf = async () => {
    const checked = await checkNamespace(connection, 'shop');
    return checked.kind === 'unknown' ? checked.reason : checked.kind;
  };
  server.fault({ kind: 'status', code: 403, resource: 'namespaces', times: 1 });
  expect(await reasonOf()).toBe('GET /api/v1/namespaces/shop is forbidden');
  server.fault({ kind: 'status', code: 500, resource: 'namespaces', times: 1 });
  expect(await reasonOf()).toBe('GET /api/v1/namespaces/shop returned 500');
  server.fault({ kind: 'cut', resource: 'namespaces', times: 1 });
  expect(await reasonOf()).toContain('GET /api/v1/namespaces/shop: ');
});
