/** 500 WebSockets across 30 reloads of other hosts; what the workers that keep them cost. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { watchGenerations } from '../runner/generations.ts';
import { startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import { isDraining, masterOf, workersOf } from '../runner/processes.ts';
import { untilServed } from './served.ts';
import { hostOf, ingressOf, podsOf, takeAddresses } from './site.ts';
import { openWebSocket } from './websocket-client.ts';
import type { WebSocketClient } from './websocket-client.ts';

const SOCKETS = 500;
const RELOADS = 30;
const pods = takeAddresses(2);

let backends: Backends;
let instance: Instance;

beforeAll(async () => {
  backends = await startBackends();
  instance = await startInstance({
    'pods.yaml': podsOf('app', pods, backends.ports.http),
    'app.yaml': [ingressOf('app')],
  });
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

function drainingWorkers(): number[] {
  const master = masterOf(instance.runDir);
  if (master === undefined) throw new Error('NGINX has gone');
  return workersOf(master.pid)
    .map(({ pid }) => pid)
    .filter(isDraining);
}

/** Proportional set size in MiB: memory that processes share is divided among them. */
function memoryOf(pids: readonly number[]): number {
  const sizes = pids.map((pid) => /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
  return sizes.reduce((sum, kib) => sum + Number(kib) / 1024, 0);
}

/** Each of them gets its own words back. */
async function echoAll(sockets: readonly WebSocketClient[]): Promise<void> {
  const echoes = await Promise.all(sockets.map((socket, i) => socket.echo(String(i))));
  expect(echoes).toEqual(sockets.map((_, i) => String(i)));
}

it(`keeps ${SOCKETS} WebSockets over ${RELOADS} reloads`, async () => {
  const sockets: WebSocketClient[] = [];
  const generations = watchGenerations(instance.runDir);
  let mostWorkers = 0;
  let mostMemory = 0;
  try {
    for (let reload = 0; reload < RELOADS; reload += 1) {
      // Half at first, the others little by little, so that several generations have some.
      const wanted = SOCKETS / 2 + Math.round((SOCKETS / 2) * Math.min(1, (reload + 1) / 5));
      while (sockets.length < wanted) sockets.push(await openWebSocket(instance.httpPort, hostOf('app')));
      instance.write(`other-${reload}.yaml`, [ingressOf(`other${reload}`, 'app')]);
      await untilServed(instance, `other${reload}`, pods);
      await sleep(300);
      // Who is silent for 60 s is closed by proxy-read-timeout.
      if (reload % 5 === 4) await echoAll(sockets);
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
    // Six generations had sockets; those after them had nothing to wait for.
    expect(drainingWorkers().length).toBeLessThanOrEqual(mostWorkers);
    for (const socket of sockets) socket.close();
    await until('old workers to end with their last WebSocket', () => drainingWorkers().length === 0);
  } finally {
    generations.stop();
    for (const socket of sockets) socket.close();
  }
}, 180_000);
