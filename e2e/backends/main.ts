/**
 * The process of the echo server. Its parent sends the certificates, and later addresses that go down or return. The
 * process confirms each message.
 */
import type { KeyPair } from '../certificates.ts';
import { bringUp, takeDown } from './connections.ts';
import { startServers } from './servers.ts';

export type Order =
  | { readonly order: 'start'; readonly pair: KeyPair; readonly deep: KeyPair; readonly ca: string }
  | { readonly order: 'down' | 'up'; readonly address: string };

process.on('message', (message: Order) => {
  if (message.order === 'start') {
    void startServers(message.pair, message.deep, message.ca).then((ports) => process.send?.({ ports }));
    return;
  }
  if (message.order === 'down') takeDown(message.address);
  else bringUp(message.address);
  process.send?.({ done: message.address });
});
process.on('disconnect', () => process.exit(0));
