/**
 * Serves `GET …/pods/NAME/portforward` as a WebSocket with channels (v4.channel.k8s.io). A real kubelet connects to the
 * port on the Pod's loopback address; here, every Pod has this machine's. Channel 0 carries the data, and channel 1 an
 * error; the first message of each channel is the number of the port.
 */
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { acceptKey, CLOSE, decodeFrame, encodeFrame, PING, PONG } from '../../backends/websocket.ts';
import type { Faults } from './faults.ts';
import { keyOf, type Store } from './store.ts';

const PATH = /^\/api\/v1\/namespaces\/([^/]+)\/pods\/([^/]+)\/portforward$/;
const PROTOCOL = 'v4.channel.k8s.io';
const BINARY = 2;
const [DATA, ERROR] = [0, 1];

export interface Forwarding {
  readonly store: Store;
  readonly faults: Faults;
  /** Whether the request has the credentials that the server requires. */
  readonly admits: (request: IncomingMessage) => boolean;
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
}

/** Serves an upgrade request. A `status` fault for the resource `portforward` applies to it. */
export function servePortForward(
  { store, faults, admits }: Forwarding,
  request: IncomingMessage,
  socket: Duplex,
): void {
  const url = new URL(request.url ?? '/', 'http://emulator');
  const [, namespace = '', name = ''] = PATH.exec(url.pathname) ?? [];
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
  const key = request.headers['sec-websocket-key'];
  socket.on('error', () => socket.destroy());
  if (!admits(request)) return refuse(socket, '401 Unauthorized');
  const fault = faults.take('status', 'get', 'portforward');
  if (fault !== undefined) return refuse(socket, `${fault.code} Injected`);
  if (name === '' || store.get('pods', keyOf(namespace, name)) === undefined) return refuse(socket, '404 Not Found');
  if (key === undefined || !protocols.includes(PROTOCOL)) return refuse(socket, '400 Bad Request');
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${acceptKey(key)}\r\nSec-WebSocket-Protocol: ${PROTOCOL}\r\n\r\n`,
  );
  join(socket, Number(url.searchParams.get('ports')));
}

function join(socket: Duplex, port: number): void {
  const send = (channel: number, payload: Buffer) =>
    void socket.write(encodeFrame(Buffer.concat([Buffer.of(channel), payload]), BINARY));
  const number = Buffer.of(port & 0xff, port >> 8);
  for (const channel of [DATA, ERROR]) send(channel, number);
  const target = connect({ host: '127.0.0.1', port });
  const end = () => socket.end(encodeFrame(Buffer.alloc(0), CLOSE));
  target.on('data', (chunk) => send(DATA, chunk));
  target.on('end', end);
  target.on('error', ({ message }) => {
    send(
      ERROR,
      Buffer.from(`error forwarding port ${port} to pod, uid : failed to connect to localhost:${port}: ${message}`),
    );
    end();
  });
  let buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (let frame = decodeFrame(buffer); frame; frame = decodeFrame(buffer)) {
      buffer = Buffer.from(frame.rest);
      if (frame.opcode === PING) socket.write(encodeFrame(frame.payload, PONG));
      if (frame.opcode === CLOSE) end();
      if (frame.opcode === BINARY && frame.payload[0] === DATA) target.write(frame.payload.subarray(1));
    }
  });
  socket.on('close', () => target.destroy());
}
