/** Runs the command of the nginx container with a real NGINX. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { helm } from './helm.ts';
import { renderPod } from './pod.ts';

/** The path of start.sh, quoted for a shell. */
const START = `'${join(import.meta.dirname, '../nginx/start.sh').replaceAll("'", String.raw`'\''`)}'`;

let run = '';
let container: ChildProcess | undefined;
let backend: Server | undefined;

beforeEach(async () => {
  run = await mkdtemp(join(tmpdir(), 'tidegate-chart-'));
  await mkdir(join(run, 'conf'));
});

afterEach(async () => {
  if (container?.exitCode === null) {
    container.kill('SIGTERM');
    await once(container, 'exit');
  }
  backend?.close();
  await rm(run, { recursive: true });
});

/** Starts the command that the chart renders, with this checkout and the test's run directory. */
async function startContainer(): Promise<ChildProcess> {
  const { nginx } = await renderPod();
  const [shell = '', ...args] = (nginx.command ?? []).map((word) =>
    word.replaceAll('/opt/tidegate/nginx/start.sh', START).replaceAll('/run/tidegate', run),
  );
  container = spawn(shell, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  return container;
}

/** Writes an nginx.conf that proxies all requests to `upstream`; returns the port of NGINX. */
async function writeConf(upstream: number): Promise<number> {
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const { port } = free.address() as AddressInfo;
  free.close();
  await once(free, 'close');
  await writeFile(
    join(run, 'conf/nginx.conf'),
    `error_log stderr; worker_processes 1; events {}
     http { access_log off; server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${upstream}; } } }`,
  );
  return port;
}

/** Starts a server that answers after this many milliseconds; returns its port. */
async function startBackend(delay: number): Promise<number> {
  backend = createServer((_, response) => setTimeout(() => response.end('complete'), delay)).listen(0, '127.0.0.1');
  await once(backend, 'listening');
  return (backend.address() as AddressInfo).port;
}

async function waitFor(what: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    if (await what().catch(() => false)) return;
    await sleep(100);
  }
  throw new Error('not within 10 s');
}

async function masterPid(): Promise<number> {
  return Number((await readFile(join(run, 'run/nginx.pid'), 'utf8')).trim());
}

describe.skipIf(helm === undefined)('the nginx container', () => {
  test('waits for its first nginx.conf, and on SIGTERM finishes open requests and exits with 0', async () => {
    const port = await writeConfLater();
    const url = `http://127.0.0.1:${port}/`;
    await waitFor(async () => (await fetch(url)).ok);
    const answer = fetch(url);
    await sleep(300);
    container?.kill('SIGTERM');
    await waitFor(async () =>
      fetch(url).then(
        () => false,
        () => true,
      ),
    );
    expect(await (await answer).text()).toBe('complete');
    if (container?.exitCode === null) await once(container, 'exit');
    expect(container?.exitCode).toBe(0);
  });

  test('exits when NGINX exits, so that the kubelet restarts it', async () => {
    const port = await writeConf(await startBackend(0));
    const started = await startContainer();
    await waitFor(async () => (await fetch(`http://127.0.0.1:${port}/`)).ok);
    process.kill(await masterPid(), 'SIGTERM');
    await once(started, 'exit');
    expect(started.exitCode).toBe(0);
  });

  test('exits with the exit code of start.sh if NGINX does not start', async () => {
    await writeFile(join(run, 'conf/nginx.conf'), 'nonsense;');
    const started = await startContainer();
    await once(started, 'exit');
    expect(started.exitCode).toBe(1);
  });

  test('exits with 0 on SIGTERM while it waits for its first nginx.conf', async () => {
    const started = await startContainer();
    await sleep(700);
    started.kill('SIGTERM');
    await once(started, 'exit');
    expect(started.exitCode).toBe(0);
  });
});

/** Starts the container first, as the kubelet does, and writes the configuration a second later. */
async function writeConfLater(): Promise<number> {
  const upstream = await startBackend(1500);
  const started = await startContainer();
  await sleep(1000);
  expect(started.exitCode).toBeNull();
  return writeConf(upstream);
}
