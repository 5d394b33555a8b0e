/** The metrics of TCP and UDP services and of TLS passthrough agree with what clients have sent and received. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls, createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hostOf, ingressOf, NAMESPACE, takeAddresses } from '../behaviour/site.ts';
import {
  ask,
  podBehind,
  SHOP,
  startTcpPods,
  startUdpPods,
  streamService,
  talk,
  type TcpPods,
  tcpServices,
  udpServices,
} from '../behaviour/stream-site.ts';
import { ENDPOINTS } from '../../controller/inspect/schema/endpoints.ts';
import { issue } from '../certificates.ts';
import { serviceOf, sliceOf } from '../runner/endpoints.ts';
import { watchGenerations } from '../runner/generations.ts';
import { until, untilOnlyNewest } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { freePort } from '../runner/port.ts';
import { masterOf, workersOf } from '../runner/processes.ts';
import { secretOf } from '../runner/secrets.ts';
import { asJson, type Cluster, startCluster } from './cluster.ts';
import { get, type Pod } from './pod.ts';
import { type Scrape, scrape } from './scrape.ts';

type Labels = Readonly<Record<string, string>>;

const ports = { inspection: 0, pod: 0, plain: 0, tls: 0, empty: 0, dead: 0, half: 0, udp: 0, later: 0 };
const PASSED = { 'nginx.ingress.kubernetes.io/ssl-passthrough': 'true' };
let cluster: Cluster;
let pods: TcpPods;
let dns: Awaited<ReturnType<typeof startUdpPods>>;
let secure: Server;
let securePort = 0;
let pod: Pod;

function put(...objects: readonly KubernetesObject[]): void {
  for (const object of objects) cluster.emulator.put(asJson(object));
}

function entries(): Record<string, string> {
  return {
    [ports.plain]: `${SHOP}/db:5432`,
    [ports.tls]: `${SHOP}/db:main:TLS=${SHOP}/db-tls`,
    [ports.empty]: `${SHOP}/none:5432`,
    [ports.dead]: `${SHOP}/dead:5432`,
    [ports.half]: `${SHOP}/half:5432`,
  };
}

/** An address on which nobody listens. */
const [nobody = '', passed = ''] = takeAddresses(2);

beforeAll(async () => {
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
  cluster = await startCluster();
  pods = await startTcpPods(2, ports.pod);
  dns = await startUdpPods(1, ports.pod);
  secure = createServer(await issue(['backend.own']), (socket) => {
    socket.on('error', () => socket.destroy());
    socket.end('hello');
  });
  securePort = await freePort();
  await once(secure.listen(securePort, passed), 'listening');
  const secret = secretOf('db-tls', await issue(['db.example.test']));
  const web = [
    ingressOf('web', 'web:443', { annotations: PASSED }),
    serviceOf('web', NAMESPACE, { port: 443 }),
    sliceOf('web', NAMESPACE, [passed], { port: securePort }),
  ];
  put(
    tcpServices(entries()),
    udpServices({ [ports.udp]: `${SHOP}/dns:5432` }),
    ...streamService('db', pods.addresses, ports.pod),
    ...streamService('none', [], ports.pod),
    ...streamService('dead', [nobody], ports.pod),
    ...streamService('half', [nobody, pods.addresses[0] ?? ''], ports.pod),
    ...streamService('dns', dns.addresses, ports.pod, 'UDP'),
    { ...secret, metadata: { name: 'db-tls', namespace: SHOP } },
    ...web.map((object) => ({ ...object, metadata: { ...object.metadata, namespace: NAMESPACE } })),
  );
  pod = await cluster.startPod({
    args: [
      `--tcp-services-configmap=${SHOP}/tcp`,
      `--udp-services-configmap=${SHOP}/udp`,
      `--stream-port=${await freePort()}`,
      '--enable-ssl-passthrough',
      `--inspection-port=${ports.inspection}`,
    ],
  });
  await pod.ready();
}, 90_000);

afterAll(async () => {
  await cluster?.dispose();
  await pods?.stop();
  await dns?.stop();
  secure?.close();
});

function sessions(page: Scrape, labels: Labels): number {
  return page.sum('tidegate_stream_sessions_total', labels);
}

/** Waits until exactly `count` sessions are counted, and returns the page. */
async function counted(labels: Labels, count: number): Promise<Scrape> {
  let page: Scrape | undefined;
  await until(
    `${count} sessions are counted for ${JSON.stringify(labels)}`,
    async () => sessions((page = await scrape(pod)), labels) === count,
    8000,
  ).catch((error: unknown) => {
    const lines = page?.text.split('\n').filter((line) => line.startsWith('tidegate_stream_sessions_total'));
    throw new Error(`${String(error)}; last:\n${lines?.join('\n')}`);
  });
  return page ?? (await scrape(pod));
}

/** Sends `hello`, which is echoed after a line with the address of the pod. Returns the bytes that were received. */
async function talkTimes(port: number, times: number): Promise<number> {
  const texts = await Promise.all(Array.from({ length: times }, () => talk(port)));
  return texts.join('').length;
}

it('an entry has series before its first connection', async () => {
  const { select } = await scrape(pod);
  const labels = { protocol: 'TCP', port: String(ports.plain), status: '200' };
  expect(select('tidegate_stream_sessions_total', labels)).toMatchObject([
    { value: 0, labels: { namespace: SHOP, service: 'db', service_port: '5432', ingress: '', host: '' } },
  ]);
  expect(select('tidegate_stream_sessions_total', { protocol: 'UDP' })).toHaveLength(1);
});

it('counts sessions by entry and status, their bytes, durations and retries', async () => {
  const received = await talkTimes(ports.plain, 40);
  const viaHalf = await talkTimes(ports.half, 30);
  for (let i = 0; i < 3; i += 1) await podBehind(ports.dead);
  for (let i = 0; i < 4; i += 1) await podBehind(ports.empty);
  for (let i = 0; i < 5; i += 1) expect(await ask(ports.udp, `question ${i}`)).toContain(`question ${i}`);
  const slow = connect(ports.plain, '127.0.0.1');
  await once(slow, 'data');
  setTimeout(() => slow.end(), 1500);
  await once(slow.resume(), 'close');

  const plain = { protocol: 'TCP', port: String(ports.plain) };
  await counted({ ...plain, status: '200' }, 41);
  await counted({ port: String(ports.half) }, 30);
  await counted({ port: String(ports.dead), service: 'dead', status: '502' }, 3);
  await counted({ port: String(ports.empty), service: 'none', status: '500' }, 4);
  const page = await counted({ protocol: 'UDP', port: String(ports.udp), service: 'dns', status: '200' }, 5);
  expect(page.sum('tidegate_stream_received_bytes_total', plain)).toBe(40 * 'hello'.length);
  expect(page.sum('tidegate_stream_sent_bytes_total', plain) - received).toBe(`${pods.addresses[0]}\n`.length);
  expect(page.sum('tidegate_stream_sent_bytes_total', { port: String(ports.half) })).toBe(viaHalf);
  const udp = { port: String(ports.udp) };
  expect(page.sum('tidegate_stream_received_bytes_total', udp)).toBe(5 * 'question 0'.length);
  expect(page.sum('tidegate_stream_sent_bytes_total', udp)).toBe(5 * `${dns.addresses[0]} question 0`.length);
  // About half of the connections begin with the endpoint on which nobody listens.
  const retries = page.sum('tidegate_stream_upstream_retries_total', { port: String(ports.half) });
  expect(retries).toBeGreaterThan(0);
  expect(retries).toBeLessThanOrEqual(30);
  expect(page.sum('tidegate_stream_upstream_retries_total', plain)).toBe(0);
  const duration = 'tidegate_stream_session_duration_seconds';
  expect(page.sum(`${duration}_count`, plain)).toBe(41);
  expect(page.sum(`${duration}_bucket`, { ...plain, le: '1' })).toBe(40);
  expect(page.sum(`${duration}_sum`, plain)).toBeGreaterThan(1.4);
  expect(page.sum('tidegate_request_counts_refused_total')).toBe(0);
  expect(page.sum('tidegate_stream_sessions_dropped_total')).toBe(0);
});

async function bytesOverTls(port: number, servername: string): Promise<number> {
  const socket = connectTls({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return data.length;
}

it('counts decrypted bytes of a TLS entry, and failed handshakes', async () => {
  let received = 0;
  for (let i = 0; i < 6; i += 1) received += await bytesOverTls(ports.tls, 'db.example.test');
  await talk(ports.tls, 'this is not TLS').catch(() => undefined);
  const tls = { protocol: 'TCP', port: String(ports.tls) };
  const page = await counted({ ...tls, status: '200' }, 6);
  expect(page.sum('tidegate_stream_sent_bytes_total', tls)).toBe(received);
  await counted({ ...tls, status: '500' }, 1);
});

it('counts passed-through connections by host and Ingress, and no others', async () => {
  const host = hostOf('web');
  for (let i = 0; i < 7; i += 1) await bytesOverTls(pod.httpsPort, host);
  const other = connectTls({
    port: pod.httpsPort,
    host: '127.0.0.1',
    servername: 'other.test',
    rejectUnauthorized: false,
  });
  await once(other, 'secureConnect');
  other.destroy();
  const page = await counted({ protocol: 'TLS', host, ingress: 'web', namespace: NAMESPACE, service: 'web' }, 7);
  expect(sessions(page, { protocol: 'TLS' })).toBe(7);
  // A handshake and some data, in both directions.
  expect(page.sum('tidegate_stream_sent_bytes_total', { protocol: 'TLS' })).toBeGreaterThan(7 * 500);
  const [sample] = page.select('tidegate_stream_sessions_total', { protocol: 'TLS' });
  expect(sample?.labels).toMatchObject({ port: String(pod.httpsPort), service_port: '443', status: '200' });
});

it('the inspection API shows the same numbers', async () => {
  const { status, text } = await get(ports.inspection, `/v1/sessions?namespace=${SHOP}`);
  const { items, ...page } = ENDPOINTS.sessions.answer.parse(JSON.parse(text));
  expect([status, page]).toEqual([200, { total: 6, next: null, counted: true }]);
  const { sum } = await scrape(pod);
  for (const { protocol, port, statuses, receivedBytes, sentBytes, retries } of items) {
    const labels = { protocol, port };
    const value = (name: string) => sum(`tidegate_stream_${name}_total`, labels);
    expect([receivedBytes, sentBytes]).toEqual([value('received_bytes'), value('sent_bytes')]);
    expect(retries).toBe(value('upstream_retries'));
    expect(Object.values(statuses).reduce((all, count) => all + count, 0)).toBe(value('sessions'));
  }
  const all = await get(ports.inspection, '/v1/sessions');
  expect(JSON.parse(all.text)).toMatchObject({
    total: 7,
    items: expect.arrayContaining([
      expect.objectContaining({ protocol: 'TLS', ingress: 'web', host: hostOf('web'), statuses: { 200: 7 } }),
    ]),
  });
});

it('loses nothing in a reload; series of a removed entry disappear, and a changed entry starts from 0', async () => {
  const generations = watchGenerations(pod.runDir);
  const plain = { protocol: 'TCP', port: String(ports.plain) };
  const before = sessions(await scrape(pod), plain);
  const open = connect(ports.plain, '127.0.0.1');
  await once(open, 'data');
  const { [ports.empty]: _, ...rest } = entries();
  const sending = talkTimes(ports.plain, 100);
  put(tcpServices({ ...rest, [ports.dead]: `${SHOP}/db:5432`, [ports.later]: `${SHOP}/db:main` }));
  await until('the new port answers', async () => (await podBehind(ports.later)).startsWith('127.'));
  await sending;
  expect(generations.reloads()).toBeGreaterThan(0);
  generations.stop();
  // A worker of the earlier configuration has this connection.
  open.end();
  await once(open.resume(), 'close');
  await untilOnlyNewest(pod.runDir);
  await talkTimes(ports.plain, 20);
  await talkTimes(ports.dead, 2);
  const page = await counted({ ...plain, service: 'db' }, before + 121);
  expect(page.select('tidegate_stream_sessions_total', { port: String(ports.empty) })).toEqual([]);
  expect(page.select('tidegate_stream_sessions_total', { service: 'dead' })).toEqual([]);
  await counted({ port: String(ports.dead), service: 'db' }, 2);
  cluster.emulator.remove('Ingress', NAMESPACE, 'web');
  await until('the series of the host are gone', async () => sessions(await scrape(pod), { protocol: 'TLS' }) === 0);
}, 60_000);

it('killed workers lose nothing that is older than a second', async () => {
  const plain = { protocol: 'TCP', port: String(ports.plain) };
  const before = sessions(await scrape(pod), plain);
  await talkTimes(ports.plain, 30);
  await counted(plain, before + 30);
  for (const { pid } of workersOf(masterOf(pod.runDir)?.pid ?? 0)) process.kill(pid, 'SIGKILL');
  await until('NGINX answers', async () => (await podBehind(ports.plain)).startsWith('127.'));
  const since = sessions(await scrape(pod), plain);
  expect(since).toBeGreaterThanOrEqual(before + 30);
  await talkTimes(ports.plain, 10);
  await until('new sessions are counted', async () => sessions(await scrape(pod), plain) >= since + 10);
});
