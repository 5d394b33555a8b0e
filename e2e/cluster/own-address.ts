/** Backends on a test address: a real API server rejects endpoints on 127.0.0.0/8. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';

/**
 * The address of TEST-NET-1 (RFC 5737) that scripts/test-full.sh gives to the network namespace of the tests; undefined
 * outside it. No other address is used: a test sends nothing that could leave the machine.
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

/** Answers 200 and identifies itself in `echo-endpoint`; only for this machine. */
export async function startOwnBackend(address: string): Promise<OwnBackend> {
  const server: Server = createServer((_, response) => {
    const { port } = server.address() as AddressInfo;
    response.setHeader('echo-endpoint', `${address}:${port}`).end('here');
  });
  // Requests from another machine are not served.
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
