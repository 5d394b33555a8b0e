/** TLS passthrough of a controller in a cluster. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  commonNameOf,
  firstLine,
  OF_PODS,
  PASSED,
  startTlsPods,
  type TlsPods,
  tlsSite,
} from '../behaviour/passthrough-site.ts';
import { watchGenerations } from '../runner/generations.ts';
import { until } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';
import { asJson, type Cluster, startCluster } from './cluster.ts';
import type { Pod } from './pod.ts';

let cluster: Cluster;
let pods: TlsPods;
let pod: Pod;

function put(name: string, addresses: readonly string[], annotations = {}): void {
  for (const object of tlsSite(name, addresses, pods.port, annotations)) cluster.emulator.put(asJson(object));
}

function confOf({ runDir }: Pod): string {
  return readFileSync(join(runDir, 'conf/nginx.conf'), 'utf8');
}

beforeAll(async () => {
  cluster = await startCluster();
  pods = await startTlsPods(2);
  put('passed', pods.addresses, PASSED);
  put('plain', pods.addresses);
  pod = await cluster.startPod({ args: ['--enable-ssl-passthrough', `--stream-port=${await freePort()}`] });
  await pod.ready();
}, 60_000);

afterAll(async () => {
  await cluster?.dispose();
  pods?.stop();
});

it('a host with passthrough and one without share the port', async () => {
  expect(await commonNameOf(pod.httpsPort, 'passed')).toBe(OF_PODS);
  expect(await commonNameOf(pod.httpsPort, 'plain')).not.toBe(OF_PODS);
});

it('endpoints and the annotation change without a reload', async () => {
  const generations = watchGenerations(pod.runDir);
  const [first = '', second = ''] = pods.addresses;
  for (const address of [first, second]) {
    put('passed', [address], PASSED);
    await until('only the new endpoint is used', async () => {
      const seen = await Promise.all([1, 2, 3, 4].map(() => firstLine(pod.httpsPort, 'passed')));
      return seen.every((line) => line.startsWith(address));
    });
  }
  put('passed', [first]);
  put('plain', [first], PASSED);
  await until('TLS is passed through for the other host', async () => {
    const subjects = await Promise.all(['passed', 'plain'].map((site) => commonNameOf(pod.httpsPort, site)));
    return subjects[0] !== OF_PODS && subjects[1] === OF_PODS;
  });
  expect(generations.reloads()).toBe(0);
  generations.stop();
});

it('NGINX passes connections on again after it was killed', async () => {
  pod.killNginx();
  await until(
    'the host answers',
    async () => (await commonNameOf(pod.httpsPort, 'plain').catch(String)) === OF_PODS,
    30_000,
  );
}, 60_000);

it('without the flag, NGINX loads no stream module and writes no file for the annotation', async () => {
  expect(confOf(pod)).toMatch(/load_module .*ngx_stream_module/);
  const other = await cluster.startPod({ name: 'tidegate-1' });
  await other.ready();
  expect(await commonNameOf(other.httpsPort, 'plain')).not.toBe(OF_PODS);
  expect(confOf(other)).not.toMatch(/^stream |ngx_stream_|passthrough/m);
  expect(readdirSync(join(other.runDir, 'conf/streams'))).toEqual([]);
  await other.controller.line(/ssl-passthrough.*: has no effect without --enable-ssl-passthrough/);
}, 60_000);
