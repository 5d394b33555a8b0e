/** The connections of the echo server: numbers them, counts them, and refuses those to addresses that are down. */
import type { Socket } from 'node:net';

interface Connection {
  readonly number: number;
  readonly socket: Socket;
  /** How many requests on this connection have not received their responses yet. */
  busy: number;
}

let last = 0;
const open = new Map<string, Connection>();
const accepted = new Map<string, number>();
const down = new Set<string>();

/** A name for a connection. TLS and HTTP/2 wrap the accepted socket, but all wrappers have the same addresses. */
function nameOf(socket: Socket): string {
  return `${socket.localAddress}:${socket.localPort} ${socket.remoteAddress}:${socket.remotePort}`;
}

/** The number of a connection, which is the same for all its requests; 0 after the connection is closed. */
export function identify(socket: Socket): number {
  return open.get(nameOf(socket))?.number ?? 0;
}

/** Accepts or refuses a TCP connection. Every server calls this function first. Only loopback addresses are served. */
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

/** Records that a request on a connection begins (+1) or has its response (-1). */
export function occupy(socket: Socket, by: 1 | -1): void {
  const connection = open.get(nameOf(socket));
  if (connection === undefined) return;
  connection.busy += by;
  if (connection.busy === 0 && down.has(socket.localAddress ?? '')) connection.socket.destroySoon();
}

/**
 * Makes an address refuse connections. Its idle connections are closed at once, and the others after their response.
 */
export function takeDown(address: string): void {
  down.add(address);
  for (const { socket, busy } of open.values()) {
    if (socket.localAddress === address && busy === 0) socket.destroySoon();
  }
}

/** Makes an address accept connections again. */
export function bringUp(address: string): void {
  down.delete(address);
}

/** How many connections each address has accepted so far. */
export function countConnections(): Record<string, number> {
  return Object.fromEntries(accepted);
}
