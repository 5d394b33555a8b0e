/**
 * What NGINX refuses in the stream block, or cannot listen on, falls alone: a key of the ConfigMap or an entry, and
 * neither HTTP hosts nor other entries.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import { type Instance, startInstance, until } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';
import { masterOf, workersOf } from '../runner/processes.ts';
import { podOf, untilServed } from './served.ts';
import { ingressOf, podsOf, takeAddresses } from './site.ts';
import {
  podBehind,
  SHOP,
  startTcpPods,
  STREAM_FLAGS,
  streamService,
  talk,
  type TcpPods,
  tcpServices,
  udpServices,
} from './stream-site.ts';

const ports = { pod: 0, db: 0, snippet: 0, taken: 0, more: 0, udp: 0 };
const taken = createServer((socket) => socket.end());
const takenUdp = createSocket('udp4');
const web = takeAddresses(1);
const GOOD_FORMAT = '$remote_addr $status';
let backends: Awaited<ReturnType<typeof startBackends>>;
let pods: TcpPods;
let instance: Instance;
let hosts = 0;

/** Writes the ConfigMap, and waits until a line matches. */
async function settings(data: Readonly<Record<string, string>>, ...expected: readonly RegExp[]): Promise<void> {
  const from = instance.lines.length;
  const metadata = { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' };
  instance.write('settings.yaml', [{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data }]);
  for (const line of expected) await instance.line(line, from);
}

function entries(...more: readonly number[]): void {
  const all = [ports.db, ...more].map((port) => [port, `${SHOP}/db:main`] as const);
  instance.write('tcp.yaml', [tcpServices(Object.fromEntries(all))]);
}

/** The host and the entry answer, and a new host gets served, so NGINX accepts other changes. */
async function othersServed(): Promise<void> {
  hosts += 1;
  instance.write('new.yaml', [ingressOf(`new${hosts}`, 'web')]);
  await untilServed(instance, `new${hosts}`, web);
  expect(web).toContain(await podOf(instance, 'web'));
  expect(pods.addresses).toContain(await podBehind(ports.db));
}

beforeAll(async () => {
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
  backends = await startBackends();
  pods = await startTcpPods(1, ports.pod);
  takenUdp.bind(ports.udp);
  await once(takenUdp, 'listening');
  instance = await startInstance(
    {
      'web.yaml': [ingressOf('web'), ...podsOf('web', web, backends.ports.http)],
      'tcp.yaml': [tcpServices({ [ports.db]: `${SHOP}/db:main` })],
      'udp.yaml': [udpServices({ [ports.udp]: `${SHOP}/db:main` })],
      'db.yaml': streamService('db', pods.addresses, ports.pod),
    },
    { args: [...STREAM_FLAGS, '--stream-port', String(await freePort())] },
  );
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await pods?.stop();
  await backends?.stop();
  taken.close();
  takenUdp.close();
});

it('a UDP port that another program uses is reported with the program', async () => {
  const user = new RegExp(
    `NGINX cannot listen on UDP port ${ports.udp}: it is in use by \\S+ \\(pid ${process.pid}\\)`,
  );
  await instance.line(user);
  await othersServed();
});

it('a log format with an unknown variable falls back to the default, and later to its last good value', async () => {
  const bad = { 'log-format-stream': '$remote_addr $nosuch' };
  await settings(bad, /data\.log-format-stream: is refused by nginx: unknown "nosuch" variable; its default is used/);
  await othersServed();
  await settings({ 'log-format-stream': GOOD_FORMAT }, /\breload: settings of TCP and UDP connections changed/);
  await settings(bad, /data\.log-format-stream: is refused by nginx: .*; its last good value stays in force/);
  await othersServed();
});

it('an unknown directive in stream-snippet is traced to the key, also beside a log format that is refused', async () => {
  await settings(
    { 'log-format-stream': '$nosuch', 'stream-snippet': 'map $remote_addr $one { default 1; } nonsense on;' },
    /data\.stream-snippet: contains directives that nginx refuses: "nonsense on;" \(unknown directive "nonsense"\)/,
    /data\.log-format-stream: is refused by nginx: unknown "nosuch" variable; its last good value stays in force/,
  );
  await othersServed();
});

it('if a new snippet and an entry want the same port, the snippet falls', async () => {
  await settings(
    { 'stream-snippet': `server { listen ${ports.db}; return hi; }` },
    /data\.stream-snippet: is refused by nginx: duplicate \S+ address and port pair; its last good value stays/,
  );
  await othersServed();
});

it('if a snippet and a new entry want the same port, the entry falls, and another new entry is served', async () => {
  await settings({ 'stream-snippet': `server { listen ${ports.snippet}; return snippet; }` }, /\breload: /);
  // That reload may have been one without the snippet.
  await until('the snippet is in force', async () => (await talk(ports.snippet)).includes('snippet'), 30_000);
  const from = instance.lines.length;
  entries(ports.snippet, ports.more);
  await instance.line(new RegExp(`NGINX cannot listen on TCP port ${ports.snippet}: it is in use by nginx`), from);
  await until('the other entry is served', async () => pods.addresses.includes(await podBehind(ports.more)));
  expect(await talk(ports.snippet)).toContain('snippet');
  await othersServed();
  entries();
});

it('a snippet that listens on a port of another program falls alone', async () => {
  await once(taken.listen(ports.taken), 'listening');
  await settings(
    { 'stream-snippet': `server { listen ${ports.taken}; return hi; }` },
    /data\.stream-snippet: is refused by nginx: bind\(\) to \S+ failed \(98: Address already in use\); its last good value/,
  );
  await othersServed();
  await settings(
    { 'http-snippet': `server { listen ${ports.taken}; }` },
    /data\.http-snippet: is refused by nginx: bind\(\) to \S+ failed \(98: Address already in use\)/,
  );
  await othersServed();
  taken.close();
  await settings({});
});

/** Kills NGINX, and takes a port of it before it runs again. */
async function stealPort(port: number): Promise<void> {
  const master = masterOf(instance.runDir);
  for (const { pid } of master === undefined ? [] : [master, ...workersOf(master.pid)]) process.kill(pid, 'SIGKILL');
  for (let attempt = 0; attempt < 40 && !taken.listening; attempt += 1) {
    const failed = once(taken, 'error').catch(() => undefined);
    taken.listen(port);
    await Promise.race([once(taken, 'listening').catch(() => undefined), failed]);
    if (!taken.listening) await sleep(5);
  }
}

it('if the port of an entry is lost while NGINX does not run, NGINX starts without the entry', async () => {
  entries(ports.more);
  await until('the entry is served', async () => pods.addresses.includes(await podBehind(ports.more)));
  const from = instance.lines.length;
  await until('the port is stolen', async () => {
    await stealPort(ports.more);
    return taken.listening;
  });
  await instance.line(new RegExp(`bind\\(\\) to 0\\.0\\.0\\.0:${ports.more} failed`), from, 30_000);
  await instance.line(new RegExp(`NGINX cannot listen on TCP port ${ports.more}: it is in use by`), from, 30_000);
  await untilServed(instance, 'web', web);
  await othersServed();
  taken.close();
  await until('it is served again', async () => pods.addresses.includes(await podBehind(ports.more)), 20_000);
}, 90_000);
