/** Connections of the echo server: their numbers, their count, and addresses that play dead. */
import type { Socket } from 'node:net';

interface Connection {
  readonly number: number;
  readonly socket: Socket;
  /** Requests being answered. */
  busy: number;
}

let last = 0;
const open = new Map<string, Connection>();
const accepted = new Map<string, number>();
const down = new Set<string>();

/** TLS and HTTP/2 wrap the accepted socket; the addresses are what all wrappers agree on. */
function nameOf(socket: Socket): string {
  return `${socket.localAddress}:${socket.localPort} ${socket.remoteAddress}:${socket.remotePort}`;
}

/** Number of a connection, the same for every request on it; 0 once it is closed. */
export function identify(socket: Socket): number {
  return open.get(nameOf(socket))?.number ?? 0;
}

/** Accepts or refuses a TCP connection; every server calls this first. The server responds only on loopback. */
export function admit(socket: Socket): void {
  const address = socket.localAddress ?? '';
  socket.on('error', () => socket.destroy());
  if (!address.startsWith('127.') || down.has(address)) return void socket.resetAndDestroy();
  accepted.set(address, (accepted.get(address) ?? 0) + 1);
  last += 1;
  const connection: Connection = { number: last, socket, busy: 0 };
  const name = nameOf(socket);
  open.set(name, connection);
  socket.on('close', () => {
    if (open.get(name) === connection) open.delete(name);
  });
}

/** Marks a connection as serving a request (+1) or done with it (-1). */
export function occupy(socket: Socket, by: 1 | -1): void {
  const connection = open.get(nameOf(socket));
  if (connection === undefined) return;
  connection.busy += by;
  if (connection.busy === 0 && down.has(socket.localAddress ?? '')) connection.socket.destroySoon();
}

/** From now on an address refuses connections, finishes its responses and closes idle connections. */
export function takeDown(address: string): void {
  down.add(address);
  for (const { socket, busy } of open.values()) {
    if (socket.localAddress === address && busy === 0) socket.destroySoon();
  }
}

/** An address serves again. */
export function bringUp(address: string): void {
  down.delete(address);
}

/** Connections accepted so far, by address. */
export function countConnections(): Record<string, number> {
  return Object.fromEntries(accepted);
}
