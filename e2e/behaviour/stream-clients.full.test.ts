/** psql, an AMQP client and dig through TCP and UDP services whose endpoints change all the time. */
import { execFile, execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchGenerations } from '../runner/generations.ts';
import { type Instance, startInstance } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';
import { takeAddresses } from './site.ts';
import { type Program, startDnsmasq, startPostgres, startRabbit } from './stream-programs.ts';
import { SHOP, STREAM_FLAGS, streamService, tcpServices, udpServices } from './stream-site.ts';

const run = promisify(execFile);
const NAMES = ['postgres', 'rabbit', 'dns'] as const;
const programs: Program[] = [];
const addresses: Record<string, readonly string[]> = {};
const ports: Record<string, number> = {};
const own: Record<string, number> = {};
let instance: Instance;
const stopped = new AbortController();
let rolls = 0;
let roller: Promise<void>;

function service(name: (typeof NAMES)[number], pods: readonly string[]) {
  return streamService(name, pods, own[name] ?? 0, name === 'dns' ? 'UDP' : 'TCP');
}

/** Exchanges the endpoint of each Service every 30 ms. */
async function roll(): Promise<void> {
  for (; !stopped.signal.aborted; rolls += 1) {
    for (const name of NAMES) instance.write(`${name}.yaml`, service(name, [addresses[name]?.[rolls % 2] ?? '']));
    await sleep(30);
  }
}

beforeAll(async () => {
  execFileSync('sh', ['scripts/setup.sh', '--full', '--packages'], { stdio: 'inherit' });
  for (const name of NAMES) {
    addresses[name] = takeAddresses(2);
    ports[name] = await freePort();
    own[name] = await freePort();
  }
  programs.push(await startPostgres(addresses['postgres'] ?? [], own['postgres'] ?? 0));
  programs.push(await startDnsmasq(addresses['dns'] ?? [], own['dns'] ?? 0));
  const internal = { distribution: await freePort(), mapper: await freePort() };
  programs.push(await startRabbit(addresses['rabbit'] ?? [], own['rabbit'] ?? 0, internal));
  const entry = (name: string) => `${SHOP}/${name}:main`;
  instance = await startInstance(
    {
      'tcp.yaml': [
        tcpServices({ [ports['postgres'] ?? 0]: entry('postgres'), [ports['rabbit'] ?? 0]: entry('rabbit') }),
      ],
      'udp.yaml': [udpServices({ [ports['dns'] ?? 0]: entry('dns') })],
      ...Object.fromEntries(NAMES.map((name) => [`${name}.yaml`, service(name, addresses[name] ?? [])])),
    },
    { args: [...STREAM_FLAGS, '--stream-port', String(await freePort())] },
  );
  roller = roll();
}, 600_000);

afterAll(async () => {
  stopped.abort();
  await roller;
  await instance?.dispose();
  for (const program of programs) await program.stop();
}, 120_000);

it('psql, amqp-publish, amqp-get and dig never fail while endpoints change', async () => {
  const generations = watchGenerations(instance.runDir);
  const url = `amqp://guest:guest@127.0.0.1:${ports['rabbit']}`;
  await run('amqp-declare-queue', ['--url', url, '--queue', 'orders']);
  const got: string[][] = [];
  for (let i = 0; i < 25; i += 1) {
    const connection = ['-h', '127.0.0.1', '-p', String(ports['postgres']), '-U', 'postgres', '-Atc'];
    const sql = await run('psql', [...connection, `select inet_server_addr(), ${i}`]);
    await run('amqp-publish', ['--url', url, '--routing-key', 'orders', '--body', `order ${i}`]);
    const message = await run('amqp-get', ['--url', url, '--queue', 'orders']);
    const name = await run('dig', ['@127.0.0.1', '-p', String(ports['dns']), 'db.shop.test', '+short', '+tries=1']);
    got.push([sql.stdout.trim(), message.stdout.trim(), name.stdout.trim()]);
  }
  expect(got.map(([sql, message, name]) => [sql?.split('|')[1], message, name])).toEqual(
    got.map((_, i) => [String(i), `order ${i}`, '192.0.2.7']),
  );
  expect(new Set(got.map(([sql]) => sql?.split('|')[0])).size, 'both endpoints were used').toBe(2);
  expect(rolls).toBeGreaterThan(20);
  expect(generations.reloads()).toBe(0);
  generations.stop();
}, 120_000);

it('a psql session lives on while its endpoint leaves the Service', async () => {
  const connection = ['-h', '127.0.0.1', '-p', String(ports['postgres']), '-U', 'postgres', '-Atc'];
  const { stdout } = await run('psql', [...connection, 'select pg_sleep(2), 1 + 1']);
  expect(stdout.trim()).toBe('|2');
}, 30_000);
