/**
 * A process that serves many endpoints: every address of 127.0.0.0/8, with one port, is a separate endpoint, which
 * handles a limited number of requests at once and queues the other requests. `endpoints.ts FAST SLOW AT_ONCE`: a
 * request takes SLOW milliseconds at addresses that end in `.1`, and FAST milliseconds at others. Prints the port.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServerResponse } from 'node:http';

interface Endpoint {
  busy: number;
  readonly waiting: ServerResponse[];
}

const [fast = 0, slow = 0, atOnce = 1] = process.argv.slice(2).map(Number);
const known = new Map<string, Endpoint>();
const BODY = 'x'.repeat(512);

function begin(address: string, endpoint: Endpoint, response: ServerResponse): void {
  endpoint.busy += 1;
  setTimeout(
    () => {
      response.end(BODY);
      endpoint.busy -= 1;
      const next = endpoint.waiting.shift();
      if (next !== undefined) begin(address, endpoint, next);
    },
    address.endsWith('.1') ? slow : fast,
  );
}

const server = createServer((request, response) => {
  const address = request.socket.localAddress ?? '';
  const endpoint = known.get(address) ?? { busy: 0, waiting: [] };
  known.set(address, endpoint);
  if (endpoint.busy < atOnce) begin(address, endpoint, response);
  else endpoint.waiting.push(response);
});
server.keepAliveTimeout = 120_000;
server.listen({ port: 0, host: '0.0.0.0', backlog: 4096 }, () => {
  console.log((server.address() as AddressInfo).port);
});
process.on('disconnect', () => process.exit(0));
