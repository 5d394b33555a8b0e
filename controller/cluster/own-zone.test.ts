import { expect, test } from 'vitest';
import { emulated } from './fixtures/emulated.ts';
import { readZone, ZONE_LABEL } from './own-zone.ts';

function node(name: string, labels: Record<string, string>) {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
}

test('readZone() returns the zone in the label of the node', async () => {
  const { server, connection } = await emulated();
  server.put(node('n1', { [ZONE_LABEL]: 'zone-a' }));
  expect(await readZone(connection, 'n1')).toEqual({ zone: 'zone-a' });
});

test('readZone() returns the reason if the zone is unknown', async () => {
  const { server, connection } = await emulated();
  server.put(node('n1', { 'kubernetes.io/os': 'linux' }));
  expect(await readZone(connection, 'n1')).toEqual({ unknown: `Node n1 has no label ${ZONE_LABEL}` });
  expect(await readZone(connection, 'n2')).toEqual({ unknown: 'GET /api/v1/nodes/n2 returned 404' });
  server.fault({ kind: 'status', code: 403, resource: 'nodes' });
  expect(await readZone(connection, 'n1')).toEqual({
    unknown: 'GET /api/v1/nodes/n1 is forbidden; the role needs the verb get on nodes',
  });
  server.clearFaults();
  server.fault({ kind: 'cut', resource: 'nodes' });
  expect(await readZone(connection, 'n1')).toEqual({ unknown: expect.stringContaining('GET /api/v1/nodes/n1: ') });
});
