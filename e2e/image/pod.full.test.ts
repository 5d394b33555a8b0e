/** Runs the image as the chart does, with an emulated API server: scenarios, permissions, and the effects of kills. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator } from '../apiserver/emulator.ts';
import type { Emulator } from '../apiserver/emulator.ts';
import type { JsonObject } from '../apiserver/api/object.ts';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { hostOf, ingressOf, podsOf, takeAddresses } from '../behaviour/site.ts';
import { requestOnce } from '../client/connection.ts';
import { isLossless, startLoad } from '../client/load.ts';
import { until } from '../runner/instance.ts';
import { writeManifests } from '../runner/manifests.ts';
import { runVariant } from '../runner/run.ts';
import { isPlain, readScenarios } from '../runner/scenario.ts';
import { readState } from '../runner/state.ts';
import { makeVariant } from '../runner/variant.ts';
import type { Variant } from '../runner/variant.ts';
import type { Container } from './container.ts';
import { buildImage } from './image.ts';
import { createPod, SERVICE_ACCOUNT } from './pod.ts';
import type { Pod } from './pod.ts';
import { readPrivileges, unprivileged } from './privileges.ts';

const image = buildImage();
const unavailable = typeof image === 'string' ? image : undefined;
if (unavailable !== undefined) console.warn(`the image is not tested on this machine: ${unavailable}`);

/** The scenarios that can share an instance, except those with removed API versions, which no API server has. */
const scenarios = readScenarios().filter(
  (scenario) =>
    isPlain(scenario) && writeManifests(scenario).every(({ apiVersion }) => !apiVersion.endsWith('v1beta1')),
);

/** Matches the last line that the controller prints while it starts. */
const READY = / ready$/;

describe.skipIf(unavailable !== undefined)('a Pod of the image', () => {
  const built = image as Exclude<typeof image, string>;
  const variants = new Map<string, Variant>();
  let backends: Backends;
  let emulator: Emulator;
  let pod: Pod;
  let nginx: Container;
  let controller: Container;

  const put = (objects: readonly object[]) => objects.forEach((object) => emulator.put(object as JsonObject));
  /** The address of the pod that responded for the site, or the status, or the reason why there was no response. */
  async function answer(): Promise<string> {
    const exchange = await requestOnce({ port: pod.httpPort, host: hostOf('site'), path: '/' });
    if (exchange.kind !== 'answer') return exchange.detail;
    return exchange.answer.headers.get('echo-endpoint')?.split(':')[0] ?? String(exchange.answer.status);
  }
  async function moves(): Promise<void> {
    const addresses = takeAddresses(1);
    put(podsOf('site', addresses, backends.ports.http));
    await until(`${addresses[0]} responds`, async () => (await answer()) === addresses[0], 15_000);
  }
  async function inForce(): Promise<unknown> {
    const { revision, digest, generation, conf } = await readState(pod.volumes);
    return { revision, digest, generation, conf };
  }
  const load = () =>
    startLoad(
      { next: () => ({ port: pod.httpPort, host: hostOf('site'), path: '/' }), kept: 4, fresh: 1, pause: 5 },
      60_000,
    );

  beforeAll(async () => {
    backends = await startBackends();
    emulator = await startEmulator({ tls: true, token: 'of-the-service-account' });
    put([ingressOf('site'), ...podsOf('site', takeAddresses(1), backends.ports.http)]);
    for (const [i, scenario] of scenarios.entries()) {
      const variant = await makeVariant(scenario, { id: `s${i}`, control: false, backends });
      variants.set(scenario.name, variant);
      put(variant.objects);
    }
    pod = await createPod(built, emulator);
  }, 60_000);

  afterEach(({ task }) => {
    if (task.result?.state === 'fail')
      console.log([...controller.lines.slice(-6), ...nginx.lines.slice(-6)].join('\n'));
  });

  afterAll(async () => {
    await pod?.dispose();
    await emulator?.stop();
    await backends?.stop();
  }, 60_000);

  it('can start the container of NGINX first, which then waits for the controller', async () => {
    nginx = await pod.startNginx();
    await nginx.line(/waiting until the controller/);
    controller = await pod.startController();
    await controller.line(READY, 60_000);
    expect(await answer()).toMatch(/^127\./);
    const ready = await fetch(`http://127.0.0.1:${pod.statusPort}/ready`);
    expect(ready.status).toBe(200);
  }, 90_000);

  it('runs NGINX and the controller as a user without capabilities', () => {
    for (const pid of [...nginx.processes(), ...controller.processes()]) {
      expect(readPrivileges(pid)).toEqual(unprivileged(built.uid));
    }
    expect(nginx.processes().length).toBeGreaterThan(1);
  });

  it('gives NGINX no token, and gives NGINX and the controller write access only to their own volumes', () => {
    expect(controller.look(`cat ${SERVICE_ACCOUNT}/token`).text).toBe('of-the-service-account');
    expect(nginx.look(`cat ${SERVICE_ACCOUNT}/token`).text).toContain('No such file');
    expect(nginx.look('ls /run/tidegate/controller').text).toBe('');
    const readOnly = 'Read-only file system';
    for (const path of ['/', '/opt/tidegate/nginx/lua', '/run/tidegate', '/run/tidegate/conf', '/tmp']) {
      expect(nginx.look(`touch ${path}/written`).text).toContain(readOnly);
    }
    for (const path of ['/', '/opt/tidegate', '/run/tidegate', '/run/tidegate/run', SERVICE_ACCOUNT, '/tmp']) {
      expect(controller.look(`touch ${path}/written`).text).toContain(readOnly);
    }
  });

  it.each(scenarios)('$file: $name', async ({ name }) => {
    expect(await runVariant(variants.get(name) as Variant, pod, 'all')).toEqual([]);
  });

  it('loses no request while the controller is killed and restarted, and does not reload NGINX', async () => {
    const before = await inForce();
    const running = load();
    await controller.end('SIGKILL');
    controller = await pod.startController();
    await controller.line(READY, 60_000);
    expect(await inForce()).toEqual(before);
    await moves();
    const losses = await running.stop();
    expect(losses.examples).toEqual([]);
    expect(isLossless(losses)).toBe(true);
  }, 120_000);

  it('has the same live data after NGINX was killed and restarted, and applies later changes', async () => {
    const { revision, digest } = await readState(pod.volumes);
    const last = await answer();
    await nginx.end('SIGKILL');
    nginx = await pod.startNginx();
    await until('NGINX responds', async () => (await answer()) === last, 20_000);
    const after = await readState(pod.volumes);
    expect([after.digest, after.revision >= revision]).toEqual([digest, true]);
    await moves();
  }, 60_000);

  it('serves after NGINX and the controller were killed and NGINX was restarted, and later applies changes', async () => {
    const last = await answer();
    await Promise.all([controller.end('SIGKILL'), nginx.end('SIGKILL')]);
    nginx = await pod.startNginx();
    await until('NGINX responds without a controller', async () => (await answer()) === last, 20_000);
    const before = await inForce();
    controller = await pod.startController();
    await controller.line(READY, 60_000);
    expect(await inForce()).toEqual(before);
    await moves();
  }, 120_000);

  it('stops the controller without losing a request, and then stops NGINX after its open requests', async () => {
    const signal = built.config.StopSignal as NodeJS.Signals;
    const running = load();
    expect(await controller.end(signal, 30_000)).toBe(0);
    const losses = await running.stop();
    expect(losses.examples).toEqual([]);
    const headers = { 'echo-delay': '1500' };
    const slow = requestOnce({ port: pod.httpPort, host: hostOf('site'), path: '/', headers });
    await sleep(300);
    const end = nginx.end(signal);
    const exchange = await slow;
    expect(exchange.kind === 'answer' && exchange.answer.status).toBe(200);
    expect(await end).toBe(0);
  }, 60_000);
});
