/** TCP and UDP services of `tidegate up`, with a real NGINX. */
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { issue } from '../certificates.ts';
import { watchGenerations } from '../runner/generations.ts';
import { type Instance, settled, startInstance, until } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';
import { proxyHeader } from '../runner/proxy-protocol.ts';
import { secretOf } from '../runner/secrets.ts';
import {
  ask,
  podBehind,
  SHOP,
  startTcpPods,
  startUdpPods,
  STREAM_FLAGS,
  streamService,
  talk,
  type TcpPods,
  tcpServices,
  udpServices,
} from './stream-site.ts';

const ports: Record<
  'plain' | 'proxy' | 'tls' | 'sticky' | 'empty' | 'udp' | 'pod' | 'taken' | 'later' | 'inspection' | 'loop',
  number
> = {
  plain: 0,
  proxy: 0,
  tls: 0,
  sticky: 0,
  empty: 0,
  udp: 0,
  pod: 0,
  taken: 0,
  later: 0,
  inspection: 0,
  loop: 0,
};
const taken = createServer();
let pods: TcpPods;
let dns: Awaited<ReturnType<typeof startUdpPods>>;
let instance: Instance;
let dnsPort = 0;

function entries(): Record<string, string> {
  return {
    [ports.plain]: `${SHOP}/db:5432`,
    [ports.proxy]: `${SHOP}/db:main:PROXY:PROXY`,
    [ports.tls]: `${SHOP}/db:5432:TLS=${SHOP}/db-tls`,
    [ports.sticky]: `${SHOP}/db:5432:AFFINITY=source-ip`,
    [ports.empty]: `${SHOP}/none:5432`,
    [ports.loop]: `${SHOP}/loop:5432`,
    [ports.taken]: `${SHOP}/db:5432`,
    [ports.inspection]: `${SHOP}/db:5432`,
    'not-a-port': `${SHOP}/db:5432`,
    1: 'nonsense',
  };
}

async function certificate(name: string) {
  const secret = secretOf('db-tls', await issue([name]));
  return { ...secret, metadata: { name: 'db-tls', namespace: SHOP } };
}

beforeAll(async () => {
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
  pods = await startTcpPods(3, ports.pod);
  dns = await startUdpPods(2, ports.pod);
  await once(taken.listen(ports.taken), 'listening');
  const files = {
    'tcp.yaml': [tcpServices(entries())],
    'udp.yaml': [udpServices({ [ports.udp]: `${SHOP}/dns:5432` })],
    'db.yaml': streamService('db', pods.addresses, ports.pod),
    'none.yaml': streamService('none', [], ports.pod),
    'dns.yaml': streamService('dns', dns.addresses, ports.pod, 'UDP'),
    'tls.yaml': [await certificate('db.example.test')],
    'settings.yaml': [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'ingress-nginx-controller', namespace: 'ingress-nginx' },
        data: { 'log-format-stream': '$remote_addr $protocol $proxy_upstream_name $status $upstream_addr' },
      },
    ],
  };
  dnsPort = await freePort();
  const own = ['--stream-port', String(dnsPort), '--inspection-port', String(ports.inspection)];
  instance = await startInstance(files, { args: [...STREAM_FLAGS, ...own] });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await pods?.stop();
  await dns?.stop();
  taken.close();
});

function logged(file: 'access.log' | 'error.log'): string {
  return readFileSync(join(instance.runDir, 'run', file), 'utf8');
}

it('the ports of entries are printed, and commands that reach them', async () => {
  const ready = await instance.line(/^ready: /);
  for (const port of [ports.plain, ports.proxy, ports.tls, ports.sticky, ports.empty])
    expect(ready).toMatch(new RegExp(`; TCP [\\d, ]*\\b${port}\\b`));
  expect(ready).toMatch(new RegExp(`; UDP ${ports.udp}; Ctrl-C stops$`));
  expect(ready).not.toMatch(new RegExp(`\\b(?:${ports.taken}|${ports.inspection})\\b`));
  await instance.line(new RegExp(`^ {2}openssl s_client -connect 127\\.0\\.0\\.1:${ports.tls} {2}# shop/db:5432$`));
});

it('TCP connections reach all endpoints, and are logged', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < 60 && seen.size < 3; round += 1) seen.add(await podBehind(ports.plain));
  expect([...seen].sort()).toEqual([...pods.addresses].sort());
  await until('the log has the service', () => logged('access.log').includes(`127.0.0.1 TCP tcp-shop-db-5432 200`));
});

it('a UDP datagram is answered by an endpoint', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(ports.udp, `question ${i}`)));
  const valid = dns.addresses.flatMap((address) => answers.map((_, i) => `${address} question ${i}`));
  expect(answers.filter((answer) => !valid.includes(answer ?? ''))).toEqual([]);
  expect(new Set(answers.map((answer) => answer?.split(' ')[0])).size).toBe(2);
});

it('without endpoints, a connection is closed at once, and the error log says why', async () => {
  const before = performance.now();
  expect(await podBehind(ports.empty)).toMatch(/^(error: ECONNRESET)?$/);
  expect(performance.now() - before).toBeLessThan(1000);
  await until('logged', () => logged('error.log').includes('shop/none:5432 has no endpoints'));
});

it("NGINX's DNS server says that a name without endpoints does not exist", async () => {
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([`127.0.0.1:${dnsPort}`]);
  await expect(resolver.resolve4('0.1-0.e0123456789abcdef.tidegate')).rejects.toThrow('ENOTFOUND');
});

it('an invalid entry, or a port that is in use, affects no other entry', async () => {
  await instance.line(/ConfigMap shop\/tcp: data\.not-a-port: "not-a-port" is not a port/);
  await instance.line(
    /ConfigMap shop\/tcp: data\["1"\]: does not begin with namespace\/service.*for example shop\/db:5432/,
  );
  await instance.line(new RegExp(`NGINX cannot listen on TCP port ${ports.taken}: it is in use by`));
  await instance.line(new RegExp(`port ${ports.inspection} is reserved: it is the port of --inspection-port`));
});

it('the PROXY protocol is decoded and encoded', async () => {
  const header = proxyHeader({ version: 1, source: '203.0.113.7', port: 5432 });
  const got = await talk(ports.proxy, `${header.toString()}hello`.slice(-5)).catch(String);
  expect(got, 'a connection without the header is refused').not.toContain('hello');
  const socket = connect(ports.proxy, '127.0.0.1');
  socket.write(Buffer.concat([header, Buffer.from('hello')]));
  let text = '';
  for await (const chunk of socket) {
    text += String(chunk);
    if (text.includes('hello')) break;
  }
  expect(text).toMatch(/^127\.1\.0\.\d+\nPROXY TCP4 203\.0\.113\.7 \S+ 40000 \d+\r\nhello$/);
  await until('the log has the client', () => logged('access.log').includes('203.0.113.7 TCP tcp-shop-db-main'));
});

it('with affinity, a client stays with its endpoint, and only clients of a removed endpoint move', async () => {
  const clients = Array.from({ length: 24 }, (_, i) => `127.0.1.${i + 1}`);
  const placed = async () => await Promise.all(clients.map((client) => podBehind(ports.sticky, client)));
  const before = await placed();
  expect(await placed()).toEqual(before);
  expect(new Set(before).size).toBe(3);
  const [gone = '', ...left] = pods.addresses;
  instance.write('db.yaml', streamService('db', left, ports.pod));
  await until('the endpoint is not used', async () => !(await placed()).includes(gone));
  const after = await placed();
  expect(after.filter((pod, i) => before[i] !== gone && pod !== before[i])).toEqual([]);
  instance.write('db.yaml', streamService('db', pods.addresses, ports.pod));
  await until('the endpoint is used again', async () => (await placed()).join() === before.join());
});

it('with affinity and many endpoints, clients stay with their endpoints, too', async () => {
  const many = await startTcpPods(150, ports.pod);
  const clients = Array.from({ length: 40 }, (_, i) => `127.0.2.${i + 1}`);
  const placed = async () => await Promise.all(clients.map((client) => podBehind(ports.sticky, client)));
  instance.write('db.yaml', streamService('db', many.addresses, ports.pod));
  await until('the endpoints are used', async () => (await placed()).every((pod) => many.addresses.includes(pod)));
  const before = await placed();
  expect(await placed()).toEqual(before);
  expect(new Set(before).size).toBeGreaterThan(20);
  instance.write('db.yaml', streamService('db', pods.addresses, ports.pod));
  await until('the former endpoints', async () => (await placed()).every((pod) => pods.addresses.includes(pod)));
  await many.stop();
});

it('a service that leads back to its own port does not use up the connections of NGINX', async () => {
  instance.write('loop.yaml', streamService('loop', ['127.0.0.1'], ports.loop));
  // Until the endpoint is in use, connections are closed at once.
  while (!logged('error.log').includes('by zone "tidegate_looped"')) {
    const socket = connect({ port: ports.loop, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    await once(socket, 'close');
  }
  instance.remove('loop.yaml');
  expect(pods.addresses).toContain(await podBehind(ports.plain));
});

async function subjectOf(port: number): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'db.example.test', rejectUnauthorized: false });
  const [first] = (await once(socket, 'data')) as [Buffer];
  const { subjectaltname = '' } = socket.getPeerCertificate();
  socket.destroy();
  return `${subjectaltname} ${first.toString().trim()}`;
}

it('TLS is terminated, and a new certificate needs no reload', async () => {
  const generations = watchGenerations(instance.runDir);
  expect(await subjectOf(ports.tls)).toMatch(/^DNS:db\.example\.test 127\./);
  instance.write('tls.yaml', [await certificate('new.example.test')]);
  await until('the new certificate is served', async () => (await subjectOf(ports.tls)).startsWith('DNS:new.'));
  expect(generations.reloads()).toBe(0);
  generations.stop();
});

it('the certificate of a deleted Secret stays in force', async () => {
  const from = instance.lines.length;
  instance.remove('tls.yaml');
  await instance.line(/Secret shop\/db-tls does not exist.*certificate/, from);
  expect(await subjectOf(ports.tls)).toMatch(/^DNS:new\./);
  instance.write('tls.yaml', [await certificate('db.example.test')]);
  await until('the new Secret is used', async () => (await subjectOf(ports.tls)).startsWith('DNS:db.'));
});

it('a connection is retried at another endpoint; endpoints change without a reload and cut nothing', async () => {
  const generations = watchGenerations(instance.runDir);
  const [dead = '', ...alive] = pods.addresses;
  await pods.stopPod(dead);
  const seen = await Promise.all(Array.from({ length: 40 }, () => podBehind(ports.plain)));
  expect(seen.filter((pod) => !alive.includes(pod))).toEqual([]);
  const [first = '', second = ''] = alive;
  const open: Socket[] = [];
  let cut = 0;
  for (let i = 0; i < 200; i += 1) {
    const socket = connect(ports.plain, '127.0.0.1');
    await once(socket, 'data');
    socket.on('close', () => (cut += 1)).on('error', () => undefined);
    open.push(socket);
  }
  for (let round = 0; round < 50; round += 1) {
    const only = round % 2 === 0 ? first : second;
    const from = instance.lines.length;
    instance.write('db.yaml', streamService('db', [only], ports.pod));
    await instance.line(/ live: /, from);
    const answers = await Promise.all([1, 2, 3, 4].map(() => podBehind(ports.plain)));
    expect(answers).toEqual([only, only, only, only]);
  }
  const echoes = await Promise.all(
    open.map(async (socket, i) => {
      const text = once(socket, 'data');
      socket.write(`${i}`);
      return String((await text)[0]);
    }),
  );
  expect(echoes).toEqual(open.map((_, i) => String(i)));
  expect([cut, generations.reloads()]).toEqual([0, 0]);
  for (const socket of open) socket.destroy();
  generations.stop();
  instance.write('db.yaml', streamService('db', alive, ports.pod));
}, 60_000);

it('a new port is one reload, and open connections live on; a freed port is served later', async () => {
  const socket = connect(ports.plain, '127.0.0.1');
  await once(socket, 'data');
  const generations = watchGenerations(instance.runDir);
  const from = instance.lines.length;
  instance.write('tcp.yaml', [tcpServices({ ...entries(), [ports.later]: `${SHOP}/db:main` })]);
  await settled(instance, from);
  expect(await podBehind(ports.later)).toMatch(/^127\./);
  expect(generations.reloads()).toBe(1);
  const echo = once(socket, 'data');
  socket.write('still here');
  expect(String((await echo)[0])).toBe('still here');
  socket.destroy();
  taken.close();
  await until('the freed port is served', async () => (await podBehind(ports.taken)).startsWith('127.'), 20_000);
  generations.stop();
}, 60_000);

it('a restarted controller keeps the files, and NGINX serves while it is down', async () => {
  const files = () =>
    readdirSync(join(instance.runDir, 'conf/streams')).map((name) => [
      name,
      readFileSync(join(instance.runDir, 'conf/streams', name), 'utf8'),
    ]);
  await instance.end('SIGKILL');
  expect(await podBehind(ports.plain)).toMatch(/^127\./);
  const before = files();
  const generations = watchGenerations(instance.runDir);
  await instance.start();
  expect(await podBehind(ports.plain)).toMatch(/^127\./);
  expect(files()).toEqual(expect.arrayContaining(before.filter(([name = '']) => !name.includes('.'))));
  expect(generations.reloads()).toBe(0);
  generations.stop();
}, 60_000);
