/** Listens on a unix socket in the run directory, or on a port of the loopback address. */
import { once } from 'node:events';
import { lstat, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { errorText } from '../../types/error-text.ts';

export interface Listening {
  /** The port; 0 for a socket. */
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Requests are short. These limits disconnect clients that send slowly or open many connections. */
const LIMITS = {
  requestTimeout: 10_000,
  headersTimeout: 5_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 96 * 1024,
};
const MOST_CONNECTIONS = 32;

/** Longest path of a unix socket in bytes, without the zero at its end. */
const SOCKET_PATH_MAX = 107;

function newServer(handler: RequestListener): Server {
  const server = createServer(LIMITS, handler);
  server.maxConnections = MOST_CONNECTIONS;
  return server;
}

function listening(server: Server, port: number): Listening {
  // Later errors concern single connections.
  server.on('error', () => undefined);
  return {
    port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * Listens on a socket that only its owner can use (mode 0600). Resolves to an `obstacle` if that fails, for example
 * because another controller listens there. A socket on which nobody listens is replaced.
 */
export async function listenOnSocket(
  file: string,
  handler: RequestListener,
): Promise<Listening | { readonly obstacle: string }> {
  if (Buffer.byteLength(file) > SOCKET_PATH_MAX)
    return {
      obstacle: `${file}: the path of a socket has at most ${SOCKET_PATH_MAX} bytes; choose a shorter --run-dir`,
    };
  const former = await lstat(file).catch(() => undefined);
  if (former !== undefined && !former.isSocket()) return { obstacle: `${file} is not a socket; remove it` };
  if (former !== undefined && (await answers(file))) return { obstacle: `${file}: another controller listens there` };
  const server = newServer(handler);
  try {
    if (former !== undefined) await rm(file, { force: true });
    // `listen` creates the socket before it returns. With another mask, others could connect until a chmod.
    const mask = process.umask(0o177);
    try {
      server.listen(file);
    } finally {
      process.umask(mask);
    }
    await once(server, 'listening');
  } catch (error) {
    return { obstacle: `${file}: ${errorText(error)}` };
  }
  return listening(server, 0);
}

/** Whether a process accepts connections on the socket. */
async function answers(file: string): Promise<boolean> {
  const probe = connect(file);
  try {
    await once(probe, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    probe.destroy();
  }
}

/** The port that `tidegate up` listens on unless another one is given, and that the documentation uses as an example. */
export const USUAL_PORT = 10_256;

/**
 * Listens on 127.0.0.1. Resolves to an `obstacle` if that fails, for example because the port is in use. With
 * `orAnother`, another port is chosen if this one is in use.
 */
export async function listenOnLoopback(
  port: number,
  handler: RequestListener,
  orAnother = false,
): Promise<Listening | { readonly obstacle: string }> {
  const server = newServer(handler);
  try {
    server.listen({ host: '127.0.0.1', port });
    await once(server, 'listening');
  } catch (error) {
    if (orAnother && (error as NodeJS.ErrnoException).code === 'EADDRINUSE') return listenOnLoopback(0, handler);
    return { obstacle: `port ${port}: ${errorText(error)}` };
  }
  return listening(server, (server.address() as AddressInfo).port);
}
