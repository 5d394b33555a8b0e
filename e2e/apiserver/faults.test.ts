/** What a client observes of each fault that a test injects into the emulator. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../runner/instance.ts';
import { call, openWatch } from './client.ts';
import { startEmulator } from './emulator.ts';
import type { Emulator } from './emulator.ts';

let emulator: Emulator;
let secrets: string;
let ingresses: string;

beforeEach(async () => {
  emulator = await startEmulator({ bookmarkMs: 30 });
  secrets = `${emulator.url}/api/v1/secrets`;
  ingresses = `${emulator.url}/apis/networking.k8s.io/v1/ingresses`;
});

afterEach(() => emulator.stop());

function put(name: string): number {
  return Number(emulator.put({ apiVersion: 'v1', kind: 'Secret', metadata: { name } }).metadata.resourceVersion);
}

it('a fault can answer a given number of requests with 429 and Retry-After', async () => {
  emulator.fault({ kind: 'status', code: 429, retryAfter: 2, times: 2 });
  const first = await call(secrets);
  expect([first.code, first.headers['retry-after'], first.body['reason']]).toEqual([429, '2', 'TooManyRequests']);
  expect((await call(ingresses)).code).toBe(429);
  expect((await call(secrets)).code).toBe(200);
});

it('a fault can answer all requests with 500 for a given time', async () => {
  emulator.fault({ kind: 'status', code: 500, ms: 80 });
  expect((await call(secrets)).code).toBe(500);
  await until('the fault is over', async () => (await call(secrets)).code === 200, 2_000);
});

it('a fault can forbid one verb on one resource until faults are cleared', async () => {
  emulator.fault({ kind: 'status', code: 403, resource: 'secrets', verb: 'list' });
  expect((await call(secrets)).body).toMatchObject({ code: 403, reason: 'Forbidden' });
  expect((await call(ingresses)).code).toBe(200);
  const watch = await openWatch(`${secrets}?watch=true`);
  expect(watch.code).toBe(200);
  watch.close();
  emulator.clearFaults();
  expect((await call(secrets)).code).toBe(200);
});

it('a fault can delay a response, cut a connection, or leave a request without a response', async () => {
  emulator.fault({ kind: 'delay', delay: 60, times: 1 });
  const before = performance.now();
  await call(secrets);
  expect(performance.now() - before).toBeGreaterThan(55);
  emulator.fault({ kind: 'cut', times: 1 });
  await expect(call(secrets)).rejects.toThrow(/socket hang up|ECONNRESET/);
  emulator.fault({ kind: 'hang', times: 1 });
  const hung = call(secrets).catch((error: unknown) => String(error));
  const first = await Promise.race([hung, call(ingresses).then(({ code }) => code)]);
  expect(first).toBe(200);
});

it('a fault can make a watch receive neither events nor bookmarks, and a test can silence open watches', async () => {
  emulator.fault({ kind: 'hang', verb: 'watch', times: 1 });
  const hung = await openWatch(`${secrets}?watch=true&allowWatchBookmarks=true&resourceVersion=0`);
  const healthy = await openWatch(`${secrets}?watch=true&resourceVersion=0`);
  put('a');
  await healthy.events(1);
  expect([hung.code, hung.lines.length, hung.ended()]).toEqual([200, 0, undefined]);
  expect(emulator.silenceWatches()).toBe(2);
  put('b');
  await expect(healthy.events(2, 100)).rejects.toThrow('1 of 2 events');
  hung.close();
  healthy.close();
  await until('both watches are closed', () => emulator.watches() === 0);
});

it('a test can cut the watches of one resource, or end them cleanly', async () => {
  const [a, b, c] = await Promise.all(
    [`${secrets}?watch=1`, `${secrets}?watch=1`, `${ingresses}?watch=1`].map(openWatch),
  );
  expect(emulator.watches()).toBe(3);
  expect(emulator.endWatches({ resource: 'ingresses' })).toBe(1);
  await until('the watch has ended', () => c?.ended() === 'closed');
  expect(emulator.dropWatches({ resource: 'secrets' })).toBe(2);
  await until('the watches are cut', () => a?.ended() === 'cut' && b?.ended() === 'cut');
});

it('a fault can answer the next watch with 410, as an event or as the HTTP status', async () => {
  emulator.fault({ kind: 'gone', resource: 'secrets', times: 1 });
  const event = await openWatch(`${secrets}?watch=true&resourceVersion=${emulator.revision()}`);
  expect(await event.events(1)).toMatchObject([{ type: 'ERROR', object: { code: 410 } }]);
  emulator.fault({ kind: 'gone', as: 'status', times: 1 });
  expect((await call(`${secrets}?watch=true&resourceVersion=1`)).body).toMatchObject({ code: 410, reason: 'Expired' });
  const fine = await openWatch(`${secrets}?watch=true&resourceVersion=${emulator.revision()}`);
  put('a');
  expect(await fine.events(1)).toMatchObject([{ type: 'ADDED' }]);
  fine.close();
});

it('a fault can cut the connection of a watch in the middle of a line', async () => {
  const watch = await openWatch(`${secrets}?watch=true`);
  emulator.fault({ kind: 'truncate', times: 1 });
  put('a');
  await until('it is cut', () => watch.ended() === 'cut');
  const text = watch.text();
  expect(text).toMatch(/^\{"type":"ADDED"/);
  expect(() => void JSON.parse(text)).toThrow(SyntaxError);
});

it('the emulator can refuse connections for a given time, and then listens on the same port', async () => {
  const watch = await openWatch(`${secrets}?watch=true`);
  const back = emulator.refuse(100);
  await until('the watch is cut', () => watch.ended() === 'cut');
  await expect(call(secrets)).rejects.toThrow('ECONNREFUSED');
  await back;
  expect((await call(secrets)).code).toBe(200);
});

it('the emulator can restart with lower revisions, and sends nothing to watches at a higher revision', async () => {
  const old = put('a');
  emulator.restart(50);
  const { body } = await call(secrets);
  const { resourceVersion } = body['metadata'] as Record<string, string>;
  expect(Number(resourceVersion)).toBeLessThan(old);
  expect(body).toMatchObject({ items: [{ metadata: { name: 'a' } }] });
  const ahead = await openWatch(`${secrets}?watch=true&allowWatchBookmarks=true&resourceVersion=${old}`);
  const fresh = await openWatch(`${secrets}?watch=true&resourceVersion=${resourceVersion}`);
  put('b');
  await fresh.events(1);
  await expect(ahead.events(1, 150)).rejects.toThrow('0 of 1 events');
  ahead.close();
  fresh.close();
});

it('the emulator logs requests with their statuses', async () => {
  emulator.fault({ kind: 'status', code: 500, times: 1 });
  await call(`${secrets}?limit=500&fieldSelector=metadata.name%3Da`);
  await call(secrets);
  const created = { metadata: { name: 'a' }, data: {} };
  await call(`${emulator.url}/api/v1/namespaces/default/secrets`, 'POST', created);
  const { log } = emulator;
  expect(log.counts()).toEqual({ 'list secrets': 2, 'create secrets': 1 });
  expect(log.count({ verb: 'list', code: 500 })).toBe(1);
  expect(log.find({ verb: 'list' })[0]?.query).toEqual({ limit: '500', fieldSelector: 'metadata.name=a' });
  expect(log.find({ verb: 'create', namespace: 'default' })[0]?.body).toBe(JSON.stringify(created));
  log.clear();
  expect(log.counts()).toEqual({});
});

it('the control endpoint accepts the commands of a test over HTTP', async () => {
  const control = `${emulator.url}/emulator`;
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace: 'shop' } };
  expect((await call(control, 'POST', { do: 'load', objects: [object] })).body).toEqual({ objects: 1 });
  const watch = await openWatch(`${secrets}?watch=true`);
  expect((await call(control, 'POST', { do: 'drop', scope: { resource: 'secrets' } })).body).toEqual({ watches: 1 });
  await until('it is cut', () => watch.ended() === 'cut');
  await call(control, 'POST', { do: 'fault', fault: { kind: 'status', code: 503, times: 1 } });
  expect((await call(secrets)).code).toBe(503);
  expect((await call(control, 'POST', { do: 'log' })).body).toMatchObject({
    counts: { 'watch secrets': 1, 'list secrets': 1 },
  });
  await call(control, 'POST', { do: 'restart', revision: 7 });
  await until('the restart has taken effect', () => emulator.revision() < 100);
});
