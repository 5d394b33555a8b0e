/** TCP services of a controller in a cluster. */
import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { podBehind, SHOP, startTcpPods, streamService, type TcpPods, tcpServices } from '../behaviour/stream-site.ts';
import { issue } from '../certificates.ts';
import { watchGenerations } from '../runner/generations.ts';
import { until } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';
import { secretOf } from '../runner/secrets.ts';
import { asJson, type Cluster, startCluster } from './cluster.ts';
import type { Pod } from './pod.ts';

let cluster: Cluster;
let pods: TcpPods;
let pod: Pod;
const ports = { pod: 0, plain: 0, tls: 0, later: 0 };

function put(...objects: Parameters<typeof asJson>[0][]): void {
  for (const object of objects) cluster.emulator.put(asJson(object));
}

async function certificate(name: string) {
  const secret = secretOf('db-tls', await issue([name]));
  return { ...secret, metadata: { name: 'db-tls', namespace: SHOP } };
}

async function subject(): Promise<string> {
  const socket = connectTls({ port: ports.tls, host: '127.0.0.1', rejectUnauthorized: false });
  const failed = once(socket, 'error').then(() => undefined);
  await Promise.race([once(socket, 'secureConnect'), failed]);
  const found = socket.getPeerCertificate().subjectaltname ?? '';
  socket.destroy();
  return found;
}

beforeAll(async () => {
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
  cluster = await startCluster();
  pods = await startTcpPods(2, ports.pod);
  put(
    tcpServices({ [ports.plain]: `${SHOP}/db:main`, [ports.tls]: `${SHOP}/db:main:TLS=${SHOP}/db-tls` }),
    ...streamService('db', pods.addresses, ports.pod),
    await certificate('db.example.test'),
  );
  pod = await cluster.startPod({
    args: [`--tcp-services-configmap=${SHOP}/tcp`, `--stream-port=${await freePort()}`],
  });
  await pod.ready();
}, 60_000);

afterAll(async () => {
  await cluster?.dispose();
  await pods?.stop();
});

it('a ready Pod serves the entries of the ConfigMap', async () => {
  expect(pods.addresses).toContain(await podBehind(ports.plain));
  expect(await subject()).toBe('DNS:db.example.test');
});

it('endpoints and certificates of the API server change without a reload', async () => {
  const generations = watchGenerations(pod.runDir);
  const [first = ''] = pods.addresses;
  put(...streamService('db', [first], ports.pod));
  await until('only the first endpoint answers', async () => {
    const seen = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(() => podBehind(ports.plain)));
    return seen.every((each) => each === first);
  });
  put(await certificate('new.example.test'));
  await until('the new certificate', async () => (await subject()) === 'DNS:new.example.test');
  expect(generations.reloads()).toBe(0);
  generations.stop();
});

it('a new entry is served, and a deleted ConfigMap keeps its last content', async () => {
  put(tcpServices({ [ports.plain]: `${SHOP}/db:main`, [ports.later]: `${SHOP}/db:main` }));
  await until('the new port answers', async () => (await podBehind(ports.later)).startsWith('127.'));
  cluster.emulator.remove('ConfigMap', SHOP, 'tcp');
  await pod.controller.line(/shop\/tcp, which --tcp-services-configmap names, was deleted/);
  expect(await podBehind(ports.later)).toMatch(/^127\./);
});

it('NGINX serves the ports again after it was killed', async () => {
  pod.killNginx();
  await until('the port answers again', async () => (await podBehind(ports.plain)).startsWith('127.'), 30_000);
}, 60_000);
