/** A connection on which a test sends and receives bytes. Nothing is added, corrected or retried. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 10_000;

export interface Conversation {
  /** All bytes received so far, as text. */
  readonly heard: string;
  say(bytes: string | Buffer): void;
  /**
   * Waits until the received text matches the pattern, and returns the text. Throws an error with the text if it does
   * not.
   */
  hear(pattern: RegExp): Promise<string>;
  /** Waits until the server closes the connection, and returns all that it sent. */
  rest(): Promise<string>;
  /** Closes the connection only for sending. */
  finish(): void;
  close(): void;
}

/** Opens a connection to a port on 127.0.0.1. */
export async function converse(port: number): Promise<Conversation> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const pieces: Buffer[] = [];
  let ended = false;
  let failure = '';
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  socket.on('end', () => (ended = true));
  socket.on('close', () => (ended = true));
  socket.on('error', (error) => (failure = error.message));
  await once(socket, 'connect');
  const heard = (): string => Buffer.concat(pieces).toString('latin1');
  async function wait(what: string, holds: () => boolean): Promise<string> {
    const end = performance.now() + WAIT_MS;
    while (!holds()) {
      const text = heard();
      if (ended || performance.now() > end) {
        throw new Error(`${what}: ${ended ? `closed (${failure})` : 'still open'} after ${JSON.stringify(text)}`);
      }
      await sleep(2);
    }
    return heard();
  }
  return {
    get heard() {
      return heard();
    },
    say: (bytes) => void socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes),
    hear: (pattern) => wait(`waited for ${pattern}`, () => pattern.test(heard())),
    rest: async () => {
      const text = await wait('waited for the end of the connection', () => ended);
      socket.destroy();
      // A reset may have discarded received bytes, so a response must not end with a reset.
      if (failure !== '') throw new Error(`${failure} after ${JSON.stringify(text)}`);
      return text;
    },
    finish: () => void socket.end(),
    close: () => void socket.destroy(),
  };
}

/** Sends bytes on a new connection, and returns all that the server sends until it closes the connection. */
export async function ask(port: number, bytes: string): Promise<string> {
  const conversation = await converse(port);
  conversation.say(bytes);
  return conversation.rest();
}

/** The status of the first response, or 0 if there is none. */
export function statusOf(text: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);
}

/** The text after the head of a response. */
export function bodyOf(text: string): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}
