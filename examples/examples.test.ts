import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { afterEach, expect, test } from 'vitest';
import { backends, startBackends, type StartedBackends } from './backends.ts';
import { portOwner } from '../controller/cli/port-owner.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly ports?: readonly { readonly port: number }[];
  readonly endpoints?: readonly { readonly addresses: readonly string[] }[];
  readonly spec?: {
    readonly rules?: readonly Rule[];
    readonly ports?: readonly { readonly name: string; readonly port: number }[];
  };
}

interface Rule {
  readonly http: { readonly paths: readonly { readonly backend: { readonly service: ServiceRef } }[] };
}

interface ServiceRef {
  readonly name: string;
  readonly port: { readonly name?: string; readonly number?: number };
}

const manifests = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.yaml'))
  .flatMap((name) => parseAllDocuments(readFileSync(join(import.meta.dirname, name), 'utf8')))
  .map((document) => document.toJS() as Manifest);

const open: (StartedBackends | { close(): unknown })[] = [];

afterEach(async () => {
  for (const item of open.splice(0)) await item.close();
});

async function start(...args: Parameters<typeof startBackends>): Promise<StartedBackends> {
  const started = await startBackends(...args);
  open.push(started);
  return started;
}

async function listenAnywhere(): Promise<number> {
  const server: Server = createServer();
  open.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return portOf(server);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return address.port;
}

async function freePort(): Promise<number> {
  const port = await listenAnywhere();
  await open.pop()?.close();
  return port;
}

test('the backends are exactly the addresses and ports of the EndpointSlices', () => {
  const pointedTo = manifests
    .filter(({ kind }) => kind === 'EndpointSlice')
    .flatMap(({ metadata, ports = [], endpoints = [] }) =>
      endpoints.flatMap(({ addresses }) =>
        addresses.flatMap((address) =>
          ports.map(({ port }) => ({ name: metadata.labels?.['kubernetes.io/service-name'], address, port })),
        ),
      ),
    );
  expect(pointedTo).toHaveLength(4);
  expect(pointedTo).toEqual(expect.arrayContaining([...backends]));
});

test('every path names a Service of the manifests and one of its ports', () => {
  const services = manifests.filter(({ kind }) => kind === 'Service');
  const refs = manifests
    .flatMap(({ spec }) => spec?.rules ?? [])
    .flatMap(({ http }) => http.paths.map(({ backend }) => backend.service));
  expect(refs).toHaveLength(4);
  const missing = refs.filter(({ name, port }) => {
    const ports = services.find((service) => service.metadata.name === name)?.spec?.ports ?? [];
    return !ports.some((offered) => offered.name === port.name || offered.port === port.number);
  });
  expect(missing).toEqual([]);
});

test('a backend responds with the request that it received', async () => {
  const port = await freePort();
  await start([{ name: 'tea', address: '127.0.0.1', port }]);
  const response = await fetch(`http://127.0.0.1:${port}/tea?milk=1`, { headers: { 'x-cup': 'large' } });
  expect(await response.text()).toMatch(new RegExp(`^tea 127.0.0.1:${port}\nGET /tea\\?milk=1\n(.*\n)*x-cup: large\n`));
});

test('a second start shares the backends of the first', async () => {
  const backend = { name: 'tea', address: '127.0.0.1', port: await freePort() };
  await start([backend]);
  expect(await start([backend])).toMatchObject({ problems: [], shared: [backend] });
});

test('a port that another program uses is reported together with that program', async () => {
  const port = await listenAnywhere();
  const { problems, shared } = await start([{ name: 'tea', address: '127.0.0.1', port }]);
  expect(shared).toEqual([]);
  expect(problems).toEqual([
    expect.stringContaining(
      `tea needs 127.0.0.1:${port}, which is in use by ${portOwner(port)?.command} (pid ${process.pid})`,
    ),
  ]);
});

test('a port on which no process listens has no owner', async () => {
  expect(portOwner(await freePort())).toBeUndefined();
});
