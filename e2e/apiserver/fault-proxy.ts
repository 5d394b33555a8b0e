/** A TCP proxy in front of an API server, in which tests can inject faults of the network. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { freePort } from '../runner/port.ts';

export interface FaultProxy {
  readonly port: number;
  /** How many connections of clients are open. */
  connections(): number;
  /** Resets all connections, and returns how many there were. New connections are accepted. */
  cut(): number;
  /** Stops forwarding data in both directions, on existing and new connections, without an error. */
  stall(): void;
  /** Refuses new connections, and resets existing ones. */
  refuse(): Promise<void>;
  /** Delays all data by this many milliseconds in each direction. */
  delay(ms: number): void;
  /** Ends the effects of `stall`, `refuse` and `delay`, and forwards the data that a stall delayed. */
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
    // A reset by one side reaches the other side at once, as a reset.
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
