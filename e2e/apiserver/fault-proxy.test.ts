/** What a client of the emulator observes if the fault proxy is between the client and the emulator. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../runner/instance.ts';
import { call, openWatch } from './client.ts';
import { startEmulator } from './emulator.ts';
import type { Emulator } from './emulator.ts';
import { startFaultProxy } from './fault-proxy.ts';
import type { FaultProxy } from './fault-proxy.ts';

let emulator: Emulator;
let proxy: FaultProxy;
let url: string;

beforeEach(async () => {
  emulator = await startEmulator();
  proxy = await startFaultProxy(emulator.port);
  url = `http://127.0.0.1:${proxy.port}/api/v1/configmaps`;
});

afterEach(async () => {
  await proxy.stop();
  await emulator.stop();
});

function put(name: string): void {
  emulator.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
}

it('the fault proxy forwards requests and watches', async () => {
  put('a');
  const watch = await openWatch(`${url}?watch=true`);
  expect((await call(url)).body).toMatchObject({ items: [{ metadata: { name: 'a' } }] });
  put('b');
  expect((await watch.events(2)).map(({ object }) => object.metadata.name)).toEqual(['a', 'b']);
  watch.close();
  await until('the connection of the watch is closed', () => proxy.connections() === 0 && emulator.watches() === 0);
});

it('the fault proxy can cut open connections, and then still accepts new connections', async () => {
  const watch = await openWatch(`${url}?watch=true`);
  expect(proxy.cut()).toBe(1);
  await until('the watch is cut', () => watch.ended() === 'cut');
  expect((await call(url)).code).toBe(200);
});

it('the fault proxy can stop forwarding without an error, and sends the delayed data once it is healed', async () => {
  const watch = await openWatch(`${url}?watch=true`);
  proxy.stall();
  put('a');
  const late = call(url);
  await expect(watch.events(1, 150)).rejects.toThrow('0 of 1 events');
  expect(watch.ended()).toBeUndefined();
  await proxy.heal();
  expect((await watch.events(1)).map(({ type }) => type)).toEqual(['ADDED']);
  expect((await late).code).toBe(200);
  watch.close();
});

it('the fault proxy can refuse connections until it is healed', async () => {
  const watch = await openWatch(`${url}?watch=true`);
  await proxy.refuse();
  await until('the watch is cut', () => watch.ended() === 'cut');
  await expect(call(url)).rejects.toThrow('ECONNREFUSED');
  await proxy.heal();
  expect((await call(url)).code).toBe(200);
});

it('the fault proxy can delay data in both directions', async () => {
  proxy.delay(60);
  const before = performance.now();
  expect((await call(url)).code).toBe(200);
  expect(performance.now() - before).toBeGreaterThan(110);
});
