/**
 * The target of mirrored requests is live data, so that changes to its Service, path and Host header need no reload.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { requestOnce } from '../client/connection.ts';
import { watchGenerations } from '../runner/generations.ts';
import { startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';

let backends: Backends;
let instance: Instance;

beforeAll(async () => {
  backends = await startBackends();
  const pods = ['web', 'one', 'two'].flatMap((site) => [
    ...podsOf(site, takeAddresses(1), backends.ports.http),
    ...(site === 'web' ? [] : [ingressOf(site)]),
  ]);
  instance = await startInstance({ 'pods.yaml': pods, 'web.yaml': [ingressTo('one', '/first')] });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

function ingressTo(service: string, path: string) {
  const target = `http://${service}.${NAMESPACE}.svc${path}$request_uri`;
  return ingressOf('web', 'web', { annotations: { 'mirror-target': target, 'mirror-host': `${service}.example.com` } });
}

/** Sends a request to a site; returns the status and body of the response. */
async function ask(site: string, headers: Record<string, string>): Promise<{ status: number; body: string }> {
  const exchange = await requestOnce({ port: instance.httpPort, host: hostOf(site), path: '/x', headers });
  if (exchange.kind !== 'answer') throw new Error(exchange.detail);
  return { status: exchange.answer.status, body: exchange.answer.body.toString() };
}

/** Sends requests until a mirrored request arrives at a site; returns the description of the mirrored request. */
async function copyAt(site: string): Promise<string> {
  let copy = '';
  await until(
    `a mirrored request arrives at ${site}`,
    async () => {
      expect((await ask('web', { 'echo-remember': site })).status).toBe(200);
      const { status, body } = await ask(site, { 'echo-recall': site });
      copy = body;
      return status === 200;
    },
    15_000,
  );
  return copy;
}

it('a change to the mirror target, its path or its Host header needs no reload', async () => {
  expect(JSON.parse(await copyAt('one'))).toMatchObject({ path: '/first/x' });
  const generations = watchGenerations(instance.runDir);
  instance.write('web.yaml', [ingressTo('two', '/second')]);
  const copy: unknown = JSON.parse(await copyAt('two'));
  expect(copy).toMatchObject({ path: '/second/x', headers: expect.arrayContaining([['Host', 'two.example.com']]) });
  expect(generations.reloads()).toBe(0);
  generations.stop();
}, 60_000);
