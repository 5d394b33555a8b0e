/** Backends on an address of a test network, because a real API server rejects endpoints in 127.0.0.0/8. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * The address in TEST-NET-1 (RFC 5737) that scripts/test-full.sh adds to the network namespace of the tests; undefined
 * outside this namespace. Tests use no other address, so that no request can leave the machine.
 */
export function ownAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.address.startsWith('192.0.2.'))?.address;
}

export interface OwnBackend {
  readonly port: number;
  stop(): void;
}

/** Starts a server that responds to requests of this machine with 200, and with its address in `echo-endpoint`. */
export async function startOwnBackend(address: string): Promise<OwnBackend> {
  const server: Server = createServer((_, response) => {
    const { port } = server.address() as AddressInfo;
    response.setHeader('echo-endpoint', `${address}:${port}`).end('here');
  });
  // Connections from other machines are closed.
  server.on('connection', (socket) => socket.remoteAddress !== address && socket.destroy());
  server.listen(0, address);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
