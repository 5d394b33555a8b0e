/** Lists, watches, and the resourceVersion of a list at which a watch continues. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../runner/instance.ts';
import { call, openWatch } from './client.ts';
import type { Watch } from './client.ts';
import { startEmulator } from './emulator.ts';
import type { Emulator, JsonObject } from './emulator.ts';

let emulator: Emulator;
let services: string;
const open: Watch[] = [];

beforeEach(async () => {
  emulator = await startEmulator({ bookmarkMs: 40, historyLength: 20 });
  services = `${emulator.url}/api/v1/services`;
});

afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await emulator.stop();
});

function put(name: string, labels: Record<string, string> = {}, namespace = 'default'): string {
  const spec = { ports: [{ port: 80 }] };
  const stored = emulator.put({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace, labels }, spec });
  return stored.metadata.resourceVersion ?? '';
}

function names(body: JsonObject): string[] {
  return (body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);
}

async function watch(query: string, base = services): Promise<Watch> {
  const one = await openWatch(`${base}?watch=true&${query}`);
  open.push(one);
  return one;
}

/** Each event of a watch as a string such as `ADDED a`. */
function short(events: readonly { type: string; object: { metadata: { name?: string } } }[]): string[] {
  return events.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`.trim());
}

it('all pages of a list show the same moment, even if objects change between the requests', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) put(name);
  const first = await call(`${services}?limit=2`);
  expect(names(first.body)).toEqual(['a', 'b']);
  expect(first.body['metadata']).toMatchObject({ remainingItemCount: 3 });
  emulator.remove('Service', 'default', 'c');
  put('f');
  const { continue: token, resourceVersion } = first.body['metadata'] as Record<string, string>;
  const second = await call(`${services}?limit=3&continue=${token}`);
  expect(names(second.body)).toEqual(['c', 'd', 'e']);
  expect(second.body['metadata']).toEqual({ resourceVersion });
  expect((await call(`${services}?limit=2&continue=${token}`)).code).toBe(200);
  emulator.compact();
  expect((await call(`${services}?limit=2&continue=${token}`)).body).toMatchObject({ code: 410, reason: 'Expired' });
});

it('a list can select objects by labels, by fields and by namespace', async () => {
  put('a', { app: 'x', tier: 'web' });
  put('b', { app: 'y' });
  put('c', {}, 'other');
  async function listed(query: string, base = services): Promise<string> {
    return names((await call(`${base}?${query}`)).body).join(' ');
  }
  expect(await listed('labelSelector=app%3Dx,tier')).toBe('a');
  expect(await listed('labelSelector=app%20in%20(x,y)')).toBe('a b');
  expect(await listed('labelSelector=app!%3Dx')).toBe('b c');
  expect(await listed('labelSelector=!app')).toBe('c');
  expect(await listed('fieldSelector=metadata.name%3Db')).toBe('b');
  expect(await listed('fieldSelector=metadata.namespace!%3Dother')).toBe('a b');
  expect(await listed('', services.replace('services', 'namespaces/other/services'))).toBe('c');
  expect((await call(`${services}?fieldSelector=spec.ports%3D1`)).body).toMatchObject({ code: 400 });
});

it('a watch at the resourceVersion of a list sends exactly the changes after the list', async () => {
  put('a');
  const { body } = await call(services);
  const { resourceVersion } = body['metadata'] as Record<string, string>;
  put('a', { changed: 'yes' });
  const one = await watch(`resourceVersion=${resourceVersion}`);
  put('b');
  emulator.remove('Service', 'default', 'a');
  const events = await one.events(3);
  expect(short(events)).toEqual(['MODIFIED a', 'ADDED b', 'DELETED a']);
  const revisions = events.map(({ object }) => Number(object.metadata.resourceVersion));
  expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
  expect(revisions[0]).toBeGreaterThan(Number(resourceVersion));
  expect(events[0]?.object).toMatchObject({ kind: 'Service', apiVersion: 'v1' });
});

it('a watch without a resourceVersion first sends all existing objects', async () => {
  put('a');
  expect(short(await (await watch('')).events(1))).toEqual(['ADDED a']);
  const streamed = await watch('sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan');
  const [, mark] = await streamed.events(2);
  expect(mark).toMatchObject({
    type: 'BOOKMARK',
    object: { metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
  });
});

it('a watch with a selector sends events when an object begins to match and when it stops matching', async () => {
  const since = put('a', { app: 'x' });
  const one = await watch(`resourceVersion=${since}&labelSelector=app%3Dx`);
  put('a', { app: 'y' });
  put('b');
  put('b', { app: 'x' });
  expect(short(await one.events(2))).toEqual(['DELETED a', 'ADDED b']);
});

it('a watch sends bookmarks on request, with the current revision of objects of all kinds', async () => {
  const since = put('a');
  const asked = await watch(`resourceVersion=${since}&allowWatchBookmarks=true`);
  const silent = await watch(`resourceVersion=${since}`);
  emulator.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: {} });
  const [first] = await asked.events(2);
  expect(first).toMatchObject({
    type: 'BOOKMARK',
    object: { kind: 'Service', metadata: { resourceVersion: String(emulator.revision()) } },
  });
  expect(silent.lines).toEqual([]);
});

it('a watch ends after its timeout', async () => {
  const one = await watch('timeoutSeconds=1&resourceVersion=0');
  await until('the watch ends', () => one.ended() === 'closed');
});

it('a watch sends an event with 410 if its resourceVersion is older than the history', async () => {
  const old = put('a');
  for (let i = 0; i < 40; i += 1) put('a', { i: String(i) });
  const one = await watch(`resourceVersion=${old}`);
  expect(one.code).toBe(200);
  expect(await one.events(1)).toMatchObject([{ type: 'ERROR', object: { code: 410, reason: 'Expired' } }]);
  await until('it ends', () => one.ended() === 'closed');
});

it('a list at a revision that the emulator has not reached is refused with 504', async () => {
  expect((await call(`${services}?resourceVersion=999999`)).body).toMatchObject({ code: 504, reason: 'Timeout' });
});

it('a watch of one object needs a field selector: on the path of an object, `watch` is ignored', async () => {
  const one = await watch('resourceVersion=0&fieldSelector=metadata.name%3Db');
  put('a');
  put('b');
  expect(short(await one.events(1))).toEqual(['ADDED b']);
  const object = await call(services.replace('services', 'namespaces/default/services/b?watch=true'));
  expect(object.body).toMatchObject({ kind: 'Service', metadata: { name: 'b' } });
});
