/**
 * A listener that never accepts a connection. Its process is stopped and its queue is full, so that the kernel drops
 * every SYN that follows. Connecting to it times out, although it is on loopback.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface Silent {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts the listener, which takes about 0.3 s. */
export async function startSilent(): Promise<Silent> {
  const child = fork(fileURLToPath(import.meta.url), ['listen'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const port = Number((await once(child, 'message'))[0]);
  child.kill('SIGSTOP');
  const fillers: Socket[] = [];
  for (let i = 0; i < 6; i += 1) fillers.push(connect({ port, host: '127.0.0.1' }).on('error', () => undefined));
  await sleep(200);
  return {
    port,
    stop: async () => {
      for (const socket of fillers) socket.destroy();
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

if (process.argv[2] === 'listen' && process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = createServer((socket) => socket.destroy());
  server.listen({ port: 0, host: '0.0.0.0', backlog: 1 }, () => process.send?.((server.address() as AddressInfo).port));
  process.on('disconnect', () => process.exit(0));
}
