/**
 * X-Accel-Redirect in a backend's response may lead to paths of the backend's namespace, but not to internal locations.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { requestOnce } from '../client/connection.ts';
import { serviceOf, sliceOf } from '../runner/endpoints.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { writeIngress } from '../runner/manifests.ts';
import { placeIn } from '../runner/object.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { takeAddresses } from './site.ts';

const HOST = 'shared.example.test';
const AUTH = 'http://auth.theirs.svc/ask';
let backends: Backends;
let instance: Instance;

/** The Ingress, Service and EndpointSlice of a path, which have the same name. */
function pathOf(
  namespace: string,
  name: string,
  path: string,
  annotations: Record<string, string> = {},
): KubernetesObject[] {
  const port = backends.ports.http;
  const ingress = placeIn(namespace, writeIngress({ name, host: HOST, annotations, paths: { [path]: name } }));
  return [ingress, serviceOf(name, namespace, { port: 80 }), sliceOf(name, namespace, takeAddresses(1), { port })];
}

beforeAll(async () => {
  backends = await startBackends();
  instance = await startInstance({
    'all.yaml': [
      ...pathOf('ours', 'sends', '/verify'),
      ...pathOf('ours', 'own', '/own'),
      ...pathOf('theirs', 'asked', '/asked', { 'auth-url': AUTH }),
      ...pathOf('theirs', 'copied', '/copied', { 'mirror-target': AUTH }),
      ...pathOf('theirs', 'auth', '/auth'),
    ],
  });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

/** The response to a request whose backend, in the namespace `ours`, responds with X-Accel-Redirect to `to`. */
async function sentTo(to: string): Promise<{ status: number; path: unknown }> {
  const headers = { 'verify-header': `X-Accel-Redirect=${to}` };
  const exchange = await requestOnce({ port: instance.httpPort, host: HOST, path: '/verify', headers });
  if (exchange.kind !== 'answer') throw new Error(exchange.detail);
  const { status, body } = exchange.answer;
  return { status, path: status === 200 ? (JSON.parse(body.toString()) as { path: unknown }).path : undefined };
}

/** The full name of the internal location whose name begins with `/_` and this string. */
function internalLocation(beginning: string): string {
  const conf = readFileSync(`${instance.runDir}/conf/nginx.conf`, 'utf8');
  const name = new RegExp(`location = "?(/_${beginning}-[0-9a-f]+)`).exec(conf)?.[1];
  if (name === undefined) throw new Error(`nginx.conf has no location for ${beginning}`);
  return name;
}

it('X-Accel-Redirect can lead to another path of the same namespace', async () => {
  expect(await sentTo('/own')).toEqual({ status: 200, path: '/own' });
});

it('X-Accel-Redirect leads to no path of another namespace, whose auth-url would check the wrong path', async () => {
  expect(await sentTo('/asked')).toEqual({ status: 502, path: undefined });
});

it('X-Accel-Redirect does not lead to auth_request locations or mirror locations', async () => {
  expect(await sentTo(internalLocation('auth'))).toEqual({ status: 404, path: undefined });
  expect(await sentTo(internalLocation('mirror'))).toEqual({ status: 404, path: undefined });
});
