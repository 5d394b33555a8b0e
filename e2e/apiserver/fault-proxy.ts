/** A TCP proxy in front of an API server: the network between it and its clients, with faults on command. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { freePort } from '../runner/port.ts';

export interface FaultProxy {
  readonly port: number;
  /** Connections that clients have open. */
  connections(): number;
  /** Resets all connections; returns how many. New ones are accepted. */
  cut(): number;
  /** From now on nothing passes in either direction, on old and new connections, without any error. */
  stall(): void;
  /** From now on connections are refused, and existing ones cut. */
  refuse(): Promise<void>;
  /** Delays everything by this many milliseconds, in each direction. */
  delay(ms: number): void;
  /** Ends stall, refuse and delay. Data that a stall held back is sent. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** Listens on loopback and forwards everything to `target`, a port on loopback. */
export async function startFaultProxy(target: number): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let stalled = false;
  let delayMs = 0;

  function pass(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (delayMs > 0) setTimeout(() => to.write(chunk), delayMs);
      else to.write(chunk);
    });
    from.on('end', () => setTimeout(() => to.end(), delayMs));
    // The other side notices a cut as in a network: at once, and by a reset.
    from.on('error', () => to.resetAndDestroy());
    from.on('close', () => to.destroySoon());
    if (stalled) from.pause();
  }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const pair = { client, server: upstream };
    pairs.add(pair);
    client.on('close', () => pairs.delete(pair));
    pass(client, upstream);
    pass(upstream, client);
  });
  const port = await freePort();

  async function listen(): Promise<void> {
    if (server.listening) return;
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  }
  function cut(): number {
    const { size } = pairs;
    for (const { client, server: upstream } of pairs) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
    return size;
  }
  async function close(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    cut();
    await closed;
  }
  await listen();
  return {
    port,
    connections: () => pairs.size,
    cut,
    stall() {
      stalled = true;
      for (const { client, server: upstream } of pairs) {
        client.pause();
        upstream.pause();
      }
    },
    refuse: close,
    delay(ms) {
      delayMs = ms;
    },
    async heal() {
      stalled = false;
      delayMs = 0;
      for (const { client, server: upstream } of pairs) {
        client.resume();
        upstream.resume();
      }
      await listen();
    },
    stop: close,
  };
}
