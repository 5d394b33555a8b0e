/** Keeps 500 WebSockets open during 30 reloads for other hosts, and measures the memory of the draining workers. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchGenerations } from '../runner/generations.ts';
import { until } from '../runner/instance.ts';
import { isDraining, masterOf, workersOf } from '../runner/processes.ts';
import { startOneApp } from './one-app.ts';
import type { OneApp } from './one-app.ts';
import { hostOf } from './site.ts';
import { openWebSocket } from './websocket-client.ts';
import type { WebSocketClient } from './websocket-client.ts';

const SOCKETS = 500;
const RELOADS = 30;

let app: OneApp;

beforeAll(async () => {
  app = await startOneApp();
}, 60_000);

afterAll(async () => {
  await app?.stop();
});

function drainingWorkers(): number[] {
  const master = masterOf(app.instance.runDir);
  if (master === undefined) throw new Error('NGINX does not run');
  return workersOf(master.pid)
    .map(({ pid }) => pid)
    .filter(isDraining);
}

/** The proportional set size of processes in MiB. It counts a share of memory that several processes have in common. */
function memoryOf(pids: readonly number[]): number {
  const sizes = pids.map((pid) => /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
  return sizes.reduce((sum, kib) => sum + Number(kib) / 1024, 0);
}

/** Expects that each WebSocket receives its own message. */
async function echoAll(sockets: readonly WebSocketClient[]): Promise<void> {
  const echoes = await Promise.all(sockets.map((socket, i) => socket.echo(String(i))));
  expect(echoes).toEqual(sockets.map((_, i) => String(i)));
}

it(`${SOCKETS} WebSockets stay open during ${RELOADS} reloads`, async () => {
  const sockets: WebSocketClient[] = [];
  const generations = watchGenerations(app.instance.runDir);
  let mostWorkers = 0;
  let mostMemory = 0;
  try {
    for (let reload = 0; reload < RELOADS; reload += 1) {
      // Half of the WebSockets are opened first, and the others gradually, so that several generations of workers have
      // some.
      const wanted = SOCKETS / 2 + Math.round((SOCKETS / 2) * Math.min(1, (reload + 1) / 5));
      while (sockets.length < wanted) sockets.push(await openWebSocket(app.instance.httpPort, hostOf('app')));
      await app.addHost();
      await sleep(300);
      // Messages are sent after each reload, because proxy-read-timeout closes a WebSocket that is idle for 60 s.
      await echoAll(sockets);
      const pids = drainingWorkers();
      mostWorkers = Math.max(mostWorkers, pids.length);
      mostMemory = Math.max(mostMemory, memoryOf(pids));
    }
    await echoAll(sockets);
    process.stdout.write(
      `${sockets.length} WebSockets, ${generations.reloads()} reloads: at most ${mostWorkers} draining workers with ${mostMemory.toFixed(1)} MiB\n`,
    );
    expect(sockets.filter((socket) => socket.closed)).toEqual([]);
    expect(generations.reloads()).toBeGreaterThanOrEqual(RELOADS);
    // Only the first generations of workers have WebSockets; later ones exit at once.
    expect(drainingWorkers().length).toBeLessThanOrEqual(mostWorkers);
    for (const socket of sockets) socket.close();
    await until('old workers exit after their last WebSocket is closed', () => drainingWorkers().length === 0);
  } finally {
    generations.stop();
    for (const socket of sockets) socket.close();
  }
}, 180_000);
