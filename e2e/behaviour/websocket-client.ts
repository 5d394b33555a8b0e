/** A client of a WebSocket server that echoes each message. */
import { connect } from 'node:net';
import { decodeFrame, encodeFrame } from '../backends/websocket.ts';

export interface WebSocketClient {
  readonly closed: boolean;
  /** Sends a string and resolves with the next message of the server. */
  echo(text: string): Promise<string>;
  close(): void;
}

const MASK = Buffer.from([1, 2, 3, 4]);
const WAIT_MS = 20_000;

/** Opens a WebSocket. If the server does not accept the upgrade, rejects with the first line of the response. */
export function openWebSocket(port: number, host: string): Promise<WebSocketClient> {
  const socket = connect({ port, host: '127.0.0.1' });
  let closed = false;
  let bytes = Buffer.alloc(0);
  let receive: (text: string) => void = () => undefined;
  socket.on('close', () => (closed = true));
  socket.on('error', () => (closed = true));
  const client: WebSocketClient = {
    get closed() {
      return closed;
    },
    echo: (text) =>
      new Promise((resolve, fail) => {
        const timer = setTimeout(() => fail(new Error(`no echo of ${text} within ${WAIT_MS} ms`)), WAIT_MS);
        receive = (answer) => {
          clearTimeout(timer);
          resolve(answer);
        };
        socket.write(encodeFrame(Buffer.from(text), 1, MASK));
      }),
    close: () => void socket.destroy(),
  };
  function onFrames(chunk: Buffer): void {
    bytes = Buffer.concat([bytes, chunk]);
    for (let frame = decodeFrame(bytes); frame; frame = decodeFrame(bytes)) {
      bytes = Buffer.from(frame.rest);
      receive(frame.payload.toString());
    }
  }
  return new Promise((resolve, fail) => {
    socket.once('error', fail);
    socket.once('data', (head: Buffer) => {
      const line = head.toString('latin1').split('\r\n')[0] ?? '';
      if (!line.includes(' 101 ')) {
        socket.destroy();
        fail(new Error(`the upgrade was answered with ${line}`));
        return;
      }
      socket.on('data', onFrames);
      resolve(client);
    });
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16, 7).toString('base64')}\r\n\r\n`,
    );
  });
}
