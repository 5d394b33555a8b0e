/** Free TCP ports of this machine. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A port that was free a moment ago and is outside the range the kernel gives to outgoing connections. */
export async function freePort(): Promise<number> {
  for (let i = 0; i < 50; i += 1) {
    const port = 12_000 + Math.floor(Math.random() * 20_000);
    const server = createServer().listen(port, '0.0.0.0');
    const free = await once(server, 'listening').then(
      () => (server.address() as AddressInfo).port === port,
      () => false,
    );
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error('no free port found in 50 tries');
}
