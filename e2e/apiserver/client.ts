/** A client of an API server for tests, over HTTP, without retries or caches. */
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { ApiObject, JsonObject } from './emulator.ts';

export interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: JsonObject;
}

export interface WatchEvent {
  readonly type: string;
  readonly object: ApiObject;
}

export interface Watch {
  readonly code: number;
  /** The complete lines that were received. */
  readonly lines: readonly string[];
  /** All received data, including an incomplete line. */
  text(): string;
  /** How the response ended: completely (`closed`) or not (`cut`); undefined while the watch is open. */
  ended(): 'closed' | 'cut' | undefined;
  /** Waits until at least `count` lines were received, and returns all received lines as events. */
  events(count: number, timeout?: number): Promise<readonly WatchEvent[]>;
  close(): void;
}

async function open(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string },
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const sent = request(url, { method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false }, resolve);
  sent.on('error', reject).setTimeout(10_000, () => sent.destroy(new Error('no answer within 10 s')));
  sent.end(options.body);
  return promise;
}

/** Sends one request, with `body` as JSON. Rejects if there is no response. */
export async function call(
  url: string,
  method = 'GET',
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const text = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await open(url, { method, headers: { 'content-type': 'application/json', ...headers }, ...text });
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  const answer = Buffer.concat(chunks).toString();
  return { code: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(answer) as JsonObject };
}

/** Opens a watch. `url` contains the whole query, including `watch=true`. */
export async function openWatch(url: string): Promise<Watch> {
  const response = await open(url, {});
  const lines: string[] = [];
  let text = '';
  let taken = 0;
  let end: 'closed' | 'cut' | undefined;
  const wake = new Set<() => void>();
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const complete = text.lastIndexOf('\n') + 1;
    if (complete > taken) lines.push(...text.slice(taken, complete - 1).split('\n'));
    taken = Math.max(taken, complete);
    for (const one of wake) one();
  });
  // Without a listener, the error of a cut connection would terminate the process.
  response.on('error', () => undefined).on('close', () => (end = response.complete ? 'closed' : 'cut'));
  return {
    code: response.statusCode ?? 0,
    lines,
    text: () => text,
    ended: () => end,
    async events(count, timeout = 5_000) {
      const { promise, resolve, reject } = Promise.withResolvers<undefined>();
      const timer = setTimeout(
        () => reject(new Error(`${lines.length} of ${count} events within ${timeout} ms`)),
        timeout,
      );
      const look = () => (lines.length >= count ? resolve(undefined) : undefined);
      wake.add(look);
      look();
      await promise.finally(() => {
        clearTimeout(timer);
        wake.delete(look);
      });
      return lines.map((line) => JSON.parse(line) as WatchEvent);
    },
    close: () => response.destroy(),
  };
}
