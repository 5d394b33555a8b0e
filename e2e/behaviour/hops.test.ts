/**
 * The number of requests that one request leads to is limited if backends, mirrors or authentication services are this
 * NGINX itself.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { requestOnce } from '../client/connection.ts';
import { startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { writeIngress } from '../runner/manifests.ts';
import { placeIn } from '../runner/object.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';

/** How often a request may pass through NGINX. */
const MOST = 5;
/** The name of a Service whose pod is NGINX. It is also the host of an Ingress. */
const SELF = `self.${NAMESPACE}.svc`;
const COPIED = { 'mirror-target': `http://${SELF}$request_uri`, 'mirror-host': hostOf('copied') };
const ASKED = { name: 'asked', host: SELF, annotations: { 'auth-url': `http://${SELF}` }, paths: { '/': 'web' } };

let backends: Backends;
let instance: Instance;
let marks = 0;

beforeAll(async () => {
  backends = await startBackends();
  const pods = podsOf('web', takeAddresses(1), backends.ports.http);
  instance = await startInstance({ 'web.yaml': [ingressOf('web'), ...pods] });
  instance.write('loops.yaml', [
    ...podsOf('self', ['127.0.0.1'], instance.httpPort),
    ...podsOf('secure', ['127.0.0.1'], instance.httpsPort),
    ingressOf('http', 'self'),
    ingressOf('https', 'secure', { annotations: { 'backend-protocol': 'HTTPS' } }),
    ingressOf('grpcs', 'secure', { annotations: { 'backend-protocol': 'GRPCS' } }),
    ingressOf('copied', 'self', { annotations: COPIED }),
    placeIn(NAMESPACE, writeIngress(ASKED)),
  ]);
  await until('the loops are served', async () => (await ask(hostOf('http'))).status === 508, 30_000);
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

/** Sends a request with a path that no other request has. */
async function ask(host: string, headers: Record<string, string> = {}) {
  marks += 1;
  const path = `/mark-${marks}`;
  const exchange = await requestOnce({ port: instance.httpPort, host, path, headers });
  if (exchange.kind !== 'answer') throw new Error(exchange.detail);
  const { status, body } = exchange.answer;
  return { status, body: body.toString(), path };
}

function logged(text: string): number {
  const log = readFileSync(join(instance.runDir, 'run/access.log'), 'utf8');
  return log.split('\n').filter((line) => line.includes(text)).length;
}

/** Waits until the access log has at least `least` requests for a path, and returns how many there are 300 ms later. */
async function requestsOf(path: string, least: number): Promise<number> {
  await until(`${least} requests for ${path} are logged`, () => logged(` ${path} `) >= least);
  await sleep(300);
  return logged(` ${path} `);
}

it.each(['http', 'https', 'grpcs'])('a request whose backend is NGINX itself, over %s, ends with 508', async (site) => {
  const { status, path } = await ask(hostOf(site));
  expect(status).toBe(508);
  expect(await requestsOf(path, MOST + 1)).toBe(MOST + 1);
});

it('mirrored requests whose target is NGINX itself do not multiply indefinitely', async () => {
  const { status, path } = await ask(hostOf('copied'));
  expect(status).toBe(508);
  // Each pass except the last one leads to two requests.
  const requests = await requestsOf(path, MOST + 1);
  expect(requests).toBeGreaterThan(MOST + 1);
  expect(requests).toBeLessThan(2 ** (MOST + 1));
});

it('an authentication subrequest that leads to itself ends with 508, and its request with 500', async () => {
  const before = logged('" 508 ');
  expect((await ask(SELF)).status).toBe(500);
  expect(logged('" 508 ') - before).toBe(1);
});

it('NGINX adds `tidegate` to the CDN-Loop header of requests to backends, and counts only that entry', async () => {
  const received = async (loop?: string) => {
    const { status, body } = await ask(hostOf('web'), loop === undefined ? {} : { 'CDN-Loop': loop });
    return status === 200 ? (JSON.parse(body) as { headers: [string, string][] }).headers : status;
  };
  const others = 'cdn.example; a=tidegate1, nottidegate, tidegate.example, xtidegate, tidegates';
  const four = 'tidegate, tidegate,tidegate;v=1,\ttidegate';
  expect(await received()).toContainEqual(['CDN-Loop', 'tidegate']);
  expect(await received(others)).toContainEqual(['CDN-Loop', `${others}, tidegate`]);
  expect(await received(four)).toContainEqual(['CDN-Loop', `${four}, tidegate`]);
  expect(await received('tidegate, a, tidegate, tidegate, tidegate, tidegate')).toBe(508);
});
