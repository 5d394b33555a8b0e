/** A syslog server on UDP, as NGINX sends to one. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface Syslog {
  readonly port: number;
  /** Every message so far, with its priority, time and tag in front. */
  readonly messages: readonly string[];
  stop(): Promise<void>;
}

export async function startSyslog(): Promise<Syslog> {
  const socket = createSocket('udp4');
  const messages: string[] = [];
  socket.on('message', (message) => messages.push(message.toString('utf8')));
  socket.bind({ address: '127.0.0.1', port: 0 });
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    messages,
    stop: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
