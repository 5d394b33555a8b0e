/** HTTP/1 written byte by byte on one connection: nothing is added, corrected or resent. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 10_000;

export interface Conversation {
  /** Everything received so far. */
  readonly heard: string;
  say(bytes: string | Buffer): void;
  /** Waits until the received text matches; throws with what was received. */
  hear(pattern: RegExp): Promise<string>;
  /** Waits until the other side closes, and returns all that it sent. */
  rest(): Promise<string>;
  /** Ends this direction only. */
  finish(): void;
  close(): void;
}

/** Opens a connection to a port of 127.0.0.1. */
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
      const text = await wait('waited for the end', () => ended);
      socket.destroy();
      // A reset may have discarded what had arrived: a response must not end so.
      if (failure !== '') throw new Error(`${failure} after ${JSON.stringify(text)}`);
      return text;
    },
    finish: () => void socket.end(),
    close: () => void socket.destroy(),
  };
}

/** Sends all of it at once, and returns everything up to the close. */
export async function ask(port: number, bytes: string): Promise<string> {
  const conversation = await converse(port);
  conversation.say(bytes);
  return conversation.rest();
}

/** Status of the first answer, 0 where there is none. */
export function statusOf(text: string): number {
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);
}

/** What follows the head of an answer. */
export function bodyOf(text: string): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}
