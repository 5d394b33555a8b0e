/**
 * Requests to a Service of type ExternalName go to its `targetPort` if that is a number, otherwise to the Service's
 * port.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { requestOnce } from '../client/connection.ts';
import { startInstance } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { hostOf, ingressOf, NAMESPACE } from './site.ts';

let backends: Backends;
let instance: Instance;

function externalName(name: string, ports: readonly Record<string, unknown>[]): KubernetesObject {
  const spec = { type: 'ExternalName', externalName: '127.0.0.1', ports };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: NAMESPACE }, spec };
}

beforeAll(async () => {
  backends = await startBackends();
  const { http } = backends.ports;
  instance = await startInstance({
    'outside.yaml': [
      ...['numbered', 'named', 'without'].map((name) => ingressOf(name)),
      externalName('numbered', [{ port: 80, targetPort: http }]),
      externalName('named', [{ port: 80, targetPort: 'web' }]),
      externalName('without', [{ port: 80 }]),
    ],
  });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

/** A status that only the backend sends, because the request asks for it. */
const OWN = 418;

async function statusOf(name: string): Promise<number | undefined> {
  const headers = { 'echo-status': String(OWN) };
  const exchange = await requestOnce({ port: instance.httpPort, host: hostOf(name), path: '/', headers });
  return exchange.kind === 'answer' ? exchange.answer.status : undefined;
}

it('requests to an ExternalName Service go to its targetPort if that is a number', async () => {
  expect(await statusOf('numbered')).toBe(OWN);
});

// The backend does not listen on the Service's port, so another status shows that requests go there.
it.each(['named', 'without'])(
  'requests to an ExternalName Service go to its port if its targetPort is not a number: %s',
  async (name) => {
    const status = await statusOf(name);
    expect(status).toBeDefined();
    expect(status).not.toBe(OWN);
  },
);
