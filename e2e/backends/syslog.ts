/** A syslog server on UDP, to which NGINX can send logs. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface Syslog {
  readonly port: number;
  /** All messages so far. Each begins with its priority, time and tag. */
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
