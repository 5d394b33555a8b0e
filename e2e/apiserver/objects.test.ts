/** How the emulator handles reads and writes of objects, as far as a controller relies on it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call } from './client.ts';
import { startEmulator } from './emulator.ts';
import type { Emulator, JsonObject } from './emulator.ts';

let emulator: Emulator;
let api: string;
let ingresses: string;
let leases: string;

const ingress = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web' },
  spec: { rules: [{ host: 'a.example.test', http: { paths: [{ path: '/', pathType: 'Prefix' }] } }] },
};

function metadataOf(body: JsonObject): Record<string, string> {
  return body['metadata'] as unknown as Record<string, string>;
}

beforeAll(async () => {
  emulator = await startEmulator();
  api = `${emulator.url}/api/v1`;
  ingresses = `${emulator.url}/apis/networking.k8s.io/v1/namespaces/default/ingresses`;
  leases = `${emulator.url}/apis/coordination.k8s.io/v1/namespaces/default/leases`;
});

afterAll(() => emulator.stop());

it('an Ingress can be created, replaced, deleted and read', async () => {
  const made = await call(ingresses, 'POST', ingress);
  expect(made.code).toBe(201);
  expect(metadataOf(made.body)).toMatchObject({ namespace: 'default', generation: 1 });
  expect(metadataOf(made.body)['uid']).toMatch(/^[0-9a-f-]{36}$/);
  expect((await call(ingresses, 'POST', ingress)).body).toMatchObject({ reason: 'AlreadyExists', code: 409 });
  const changed = { ...made.body, spec: { ingressClassName: 'nginx' } };
  const put = await call(`${ingresses}/web`, 'PUT', changed);
  expect(put.body).toMatchObject({ metadata: { generation: 2 }, spec: { ingressClassName: 'nginx' } });
  expect(Number(metadataOf(put.body)['resourceVersion'])).toBeGreaterThan(
    Number(metadataOf(made.body)['resourceVersion']),
  );
  expect((await call(`${ingresses}/web`, 'DELETE')).body).toMatchObject({ status: 'Success' });
  expect((await call(`${ingresses}/web`)).body).toMatchObject({ code: 404, reason: 'NotFound' });
});

it('a PUT or PATCH with a stale resourceVersion is refused with 409', async () => {
  const made = await call(`${api}/namespaces/default/configmaps`, 'POST', {
    metadata: { name: 'c' },
    data: { a: '1' },
  });
  const url = `${api}/namespaces/default/configmaps/c`;
  expect((await call(url, 'PUT', { ...made.body, data: { a: '2' } })).code).toBe(200);
  expect((await call(url, 'PUT', { ...made.body, data: { a: '3' } })).body).toMatchObject({
    reason: 'Conflict',
    code: 409,
  });
  const stale = { metadata: { resourceVersion: metadataOf(made.body)['resourceVersion'] }, data: { a: '4' } };
  expect((await call(url, 'PATCH', stale, { 'content-type': 'application/merge-patch+json' })).code).toBe(409);
  expect(emulator.get('ConfigMap', 'default', 'c')).toMatchObject({ data: { a: '2' } });
});

it('a PATCH that changes nothing leaves the resourceVersion unchanged', async () => {
  const { metadata } = emulator.put({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'same' },
    data: { a: '1' },
  });
  const patch = { data: { a: '1' } };
  const url = `${api}/namespaces/default/configmaps/same`;
  const again = await call(url, 'PATCH', patch, { 'content-type': 'application/merge-patch+json' });
  expect(metadataOf(again.body)['resourceVersion']).toBe(metadata.resourceVersion);
});

it('a write of an object ignores the status, and a write of the status ignores everything else', async () => {
  emulator.put({ ...ingress, metadata: { name: 'status' } });
  const url = `${ingresses}/status`;
  const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } };
  const merge = { 'content-type': 'application/merge-patch+json' };
  await call(url, 'PATCH', { status, metadata: { labels: { a: 'b' } } }, merge);
  expect(emulator.get('Ingress', 'default', 'status')).toMatchObject({ status: {}, metadata: { labels: { a: 'b' } } });
  const written = await call(`${url}/status`, 'PATCH', { status, spec: { ingressClassName: 'x' } }, merge);
  expect(written.body).toMatchObject({ status, metadata: { generation: 1 } });
  expect(written.body['spec']).toEqual(ingress.spec);
});

it('server-side apply removes fields that the manager no longer applies, and keeps all other fields', async () => {
  const { metadata } = emulator.put({ ...ingress, metadata: { name: 'applied' } });
  const url = `${ingresses}/applied/status?fieldManager=tidegate&force=true`;
  const apply = { 'content-type': 'application/apply-patch+yaml' };
  const identity = { apiVersion: ingress.apiVersion, kind: 'Ingress', metadata: { name: 'applied' } };
  const first = await call(
    url,
    'PATCH',
    { ...identity, status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } },
    apply,
  );
  expect(first.body).toMatchObject({ status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } });
  const second = await call(url, 'PATCH', { ...identity, status: {} }, apply);
  expect(second.body).toMatchObject({ spec: ingress.spec, status: {}, metadata: { uid: metadata.uid } });
  expect(second.body['status']).toEqual({});
  const missing = await call(
    `${ingresses}/new?fieldManager=tidegate`,
    'PATCH',
    { ...ingress, metadata: { name: 'new' } },
    apply,
  );
  expect(missing.code).toBe(201);
  expect((await call(`${ingresses}/new`, 'PATCH', ingress, apply)).code).toBe(400);
});

it('a JSON patch is applied, or refused with 422 if one of its operations cannot be applied', async () => {
  emulator.put({ ...ingress, metadata: { name: 'json', annotations: { 'a/b': 'c' } } });
  const headers = { 'content-type': 'application/json-patch+json' };
  const patch = [
    { op: 'test', path: '/metadata/annotations/a~1b', value: 'c' },
    { op: 'replace', path: '/metadata/annotations/a~1b', value: 'd' },
    { op: 'add', path: '/spec/rules/-', value: { host: 'b.example.test' } },
    { op: 'remove', path: '/spec/rules/0/http' },
    { op: 'move', from: '/spec/rules/1', path: '/spec/rules/0' },
  ];
  const done = await call(`${ingresses}/json`, 'PATCH', patch, headers);
  expect(done.body).toMatchObject({ metadata: { annotations: { 'a/b': 'd' } } });
  expect(done.body['spec']).toEqual({ rules: [{ host: 'b.example.test' }, { host: 'a.example.test' }] });
  const failed = await call(`${ingresses}/json`, 'PATCH', [{ op: 'remove', path: '/spec/rules/7' }], headers);
  expect(failed.code).toBe(422);
});

it('a strategic merge patch merges the ports of a Service by their numbers, as kubectl apply expects', async () => {
  const ports = [
    { name: 'a', port: 80 },
    { name: 'b', port: 90 },
  ];
  emulator.put({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports } });
  const patch = {
    spec: {
      '$setElementOrder/ports': [{ port: 91 }, { port: 80 }],
      ports: [
        { name: 'b', port: 91 },
        { port: 80, targetPort: 'http' },
        { $patch: 'delete', port: 90 },
      ],
    },
  };
  const headers = { 'content-type': 'application/strategic-merge-patch+json' };
  const { body } = await call(`${api}/namespaces/default/services/web`, 'PATCH', patch, headers);
  expect(body['spec']).toMatchObject({
    type: 'ClusterIP',
    ports: [
      { name: 'b', port: 91, targetPort: 91, protocol: 'TCP' },
      { name: 'a', port: 80, targetPort: 'http', protocol: 'TCP' },
    ],
  });
});

it('requests with mistakes in the object, namespace or media type are refused as by the real API server', async () => {
  const noType = { ...ingress, spec: { rules: [{ http: { paths: [{ path: '/' }] } }] } };
  expect((await call(ingresses, 'POST', { ...noType, metadata: { name: 'x' } })).body).toMatchObject({ code: 422 });
  const elsewhere = ingresses.replace('default', 'nowhere');
  expect((await call(elsewhere, 'POST', ingress)).body['message']).toBe('namespaces "nowhere" not found');
  expect((await call(ingresses, 'POST', { ...ingress, kind: 'Service' })).code).toBe(400);
  expect((await call(ingresses, 'POST', { metadata: {} })).body).toMatchObject({
    code: 422,
    details: { kind: 'ingresses' },
  });
  expect((await call(`${ingresses}/web`, 'PATCH', {}, { 'content-type': 'application/json' })).code).toBe(404);
  emulator.put({ ...ingress, metadata: { name: 'typed' } });
  expect((await call(`${ingresses}/typed`, 'PATCH', {}, { 'content-type': 'application/json' })).code).toBe(415);
});

it('a PUT of a Lease needs times with microseconds, and a resourceVersion', async () => {
  const spec = { holderIdentity: 'a', renewTime: '2026-11-20T10:00:00.123456Z' };
  const made = await call(leases, 'POST', { metadata: { name: 'l' }, spec });
  expect(made.code).toBe(201);
  const short = { ...made.body, spec: { ...spec, renewTime: '2026-11-20T10:00:00.123Z' } };
  expect((await call(`${leases}/l`, 'PUT', short)).body).toMatchObject({ code: 400 });
  expect((await call(`${leases}/l`, 'PUT', { metadata: { name: 'l' }, spec })).body).toMatchObject({ code: 422 });
  const rivals = ['b', 'c'].map((holderIdentity) =>
    call(`${leases}/l`, 'PUT', { ...made.body, spec: { ...spec, holderIdentity } }),
  );
  expect((await Promise.all(rivals)).map(({ code }) => code).toSorted()).toEqual([200, 409]);
});

it('a Secret can have a generated name, and its stringData is converted to data', async () => {
  const secret = { metadata: { generateName: 'tls-' }, stringData: { key: 'äö' } };
  const { body } = await call(`${api}/namespaces/default/secrets`, 'POST', secret);
  expect(metadataOf(body)['name']).toMatch(/^tls-.{5}$/);
  expect(body).toMatchObject({ type: 'Opaque', data: { key: Buffer.from('äö').toString('base64') } });
  expect(body).not.toHaveProperty('stringData');
});

it('an Event can be written and read in both of its API groups', async () => {
  const regarding = { kind: 'Ingress', namespace: 'default', name: 'web' };
  const newer = {
    metadata: { name: 'e' },
    regarding,
    note: 'refused',
    reason: 'Rejected',
    eventTime: '2026-11-20T10:00:00.000001Z',
  };
  const url = `${emulator.url}/apis/events.k8s.io/v1/namespaces/default/events`;
  expect((await call(url, 'POST', newer)).body).toMatchObject({ note: 'refused', apiVersion: 'events.k8s.io/v1' });
  const listed = await call(
    `${api}/namespaces/default/events?fieldSelector=involvedObject.name=web,involvedObject.kind=Ingress`,
  );
  expect(listed.body).toMatchObject({ items: [{ message: 'refused', involvedObject: regarding }] });
  const merged = await call(`${url}/e`, 'PATCH', { note: 'again' }, { 'content-type': 'application/merge-patch+json' });
  expect(merged.body).toMatchObject({ note: 'again', regarding });
});

it('a deleted Namespace loses its objects; an object with finalizers exists until they are removed', async () => {
  emulator.put({ ...ingress, metadata: { name: 'in', namespace: 'gone' } });
  await call(`${api}/namespaces/gone`, 'DELETE');
  expect(emulator.get('Ingress', 'gone', 'in')).toBeUndefined();
  emulator.put({ ...ingress, metadata: { name: 'held', finalizers: ['a.test/b'] } });
  await call(`${ingresses}/held`, 'DELETE');
  expect(emulator.get('Ingress', 'default', 'held')?.metadata.deletionTimestamp).toBeDefined();
  await call(
    `${ingresses}/held`,
    'PATCH',
    { metadata: { finalizers: null } },
    { 'content-type': 'application/merge-patch+json' },
  );
  expect(emulator.get('Ingress', 'default', 'held')).toBeUndefined();
});

it('a dry run stores nothing', async () => {
  expect((await call(`${ingresses}?dryRun=All`, 'POST', { ...ingress, metadata: { name: 'dry' } })).code).toBe(201);
  expect(emulator.get('Ingress', 'default', 'dry')).toBeUndefined();
});
