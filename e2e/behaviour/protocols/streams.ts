/** Tests of responses that are sent in pieces, of WebSockets, and of ranges of files. */
import { once } from 'node:events';
import { lookup } from 'node:dns';
import { expect, it } from 'vitest';
import { Agent, WebSocket } from 'undici';
import type { CloseEvent, MessageEvent } from 'undici';
import { readAnswer } from '../../client/answer.ts';
import type { Answer } from '../../client/answer.ts';
import { hostOf } from '../site.ts';
import { ask, converse } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import type { Stage } from './stage.ts';

/** Requests a stream of events, and waits until the backend has begun to respond. */
async function listen(stage: Stage, site: string): Promise<Conversation> {
  const client = await converse(stage.instance.httpPort);
  const begun = once(stage.origin.events, 'streaming');
  client.say(`GET /events HTTP/1.1\r\nHost: ${hostOf(site)}\r\nAccept: text/event-stream\r\n\r\n`);
  await begun;
  return client;
}

/** Sends each event only after the previous one has arrived, so that the test fails if NGINX buffers events. */
async function expectEvents(stage: Stage, client: Conversation): Promise<void> {
  for (let i = 0; i < 5; i += 1) {
    stage.origin.push(`data: event ${i}\n\n`);
    await client.hear(new RegExp(`data: event ${i}\n\n`));
  }
}

/** A WebSocket of a third-party client, which connects to 127.0.0.1, because the host is not in DNS. */
function open(stage: Stage, tls: boolean): { socket: WebSocket; agent: Agent } {
  const { httpPort, httpsPort } = stage.instance;
  const agent = new Agent({
    connect: {
      rejectUnauthorized: false,
      lookup: (_host, options, done) => lookup('127.0.0.1', options, done),
    },
  });
  const url = tls ? `wss://${hostOf('app')}:${httpsPort}/ws` : `ws://${hostOf('app')}:${httpPort}/ws`;
  const socket = new WebSocket(url, { dispatcher: agent });
  socket.binaryType = 'arraybuffer';
  return { socket, agent };
}

async function next(socket: WebSocket, event: 'open' | 'message' | 'close'): Promise<Event> {
  const [happened] = (await once(socket, event, { signal: AbortSignal.timeout(10_000) })) as [Event];
  return happened;
}

async function fileOf(port: number, headers: string, method = 'GET'): Promise<Answer> {
  const text = await ask(
    port,
    `${method} /file HTTP/1.1\r\nHost: ${hostOf('files')}\r\nConnection: close\r\n${headers}\r\n`,
  );
  const reading = readAnswer(Buffer.from(text, 'latin1'), true, method === 'HEAD');
  if (!reading.done) throw new Error(`an incomplete response: ${text.slice(0, 200)}`);
  return reading.answer;
}

/** Defines the tests. `stage` is called within them. */
export function testStreams(stage: () => Stage): void {
  for (const site of ['app', 'buffered']) {
    it(`NGINX forwards each server-sent event immediately: ${site}`, async () => {
      const client = await listen(stage(), site);
      await expectEvents(stage(), client);
      expect(client.heard).toMatch(/^HTTP\/1\.1 200 [^]*content-type: text\/event-stream/i);
      client.close();
    });
  }

  for (const tls of [false, true]) {
    it(`NGINX forwards WebSocket messages of all sizes, ${tls ? 'over TLS' : 'without TLS'}`, async () => {
      const { socket, agent } = open(stage(), tls);
      try {
        await next(socket, 'open');
        for (const size of [0, 1, 125, 126, 65_535, 65_536, 1_000_000]) {
          const bytes = new Uint8Array(size).map((_, i) => i % 251);
          const echo = next(socket, 'message');
          socket.send(bytes);
          const data = ((await echo) as MessageEvent).data as ArrayBuffer;
          expect(Buffer.from(data).equals(Buffer.from(bytes)), `${size} bytes`).toBe(true);
        }
        const echo = next(socket, 'message');
        socket.send('grüße');
        expect(((await echo) as MessageEvent).data).toBe('grüße');
        const closed = next(socket, 'close');
        socket.close(4001, 'enough');
        const { code, reason, wasClean } = (await closed) as CloseEvent;
        expect({ code, reason, wasClean }).toEqual({ code: 4001, reason: 'enough', wasClean: true });
      } finally {
        await agent.destroy();
      }
    });
  }

  it('NGINX forwards pings and pongs of a WebSocket, and the close code of the server', async () => {
    const { origin } = stage();
    const { socket, agent } = open(stage(), false);
    try {
      const upgraded = once(origin.events, 'upgraded');
      await next(socket, 'open');
      await upgraded;
      const pong = once(origin.events, 'pong', { signal: AbortSignal.timeout(5000) });
      origin.ping('are you there');
      expect(await pong).toEqual(['are you there']);
      const closed = next(socket, 'close');
      origin.closeWebSockets(4002, 'maintenance');
      const { code, reason } = (await closed) as CloseEvent;
      expect([code, reason]).toEqual([4002, 'maintenance']);
    } finally {
      await agent.destroy();
    }
  });

  const RANGES: Readonly<Record<string, readonly [string, number]>> = {
    'the whole file': ['', 200],
    'the beginning': ['Range: bytes=0-99\r\n', 206],
    'the middle': ['Range: bytes=70000-150000\r\n', 206],
    'the end': ['Range: bytes=-5\r\n', 206],
    'several ranges': ['Range: bytes=0-9,100-109,-10\r\n', 206],
    'a range beyond the end': ['Range: bytes=200000-\r\n', 416],
    'a range in an unknown unit': ['Range: lines=1-2\r\n', 200],
  };
  for (const [what, [headers, status]] of Object.entries(RANGES)) {
    it(`NGINX forwards the file server's response to a request for ${what}`, async () => {
      const { instance, files } = stage();
      const direct = await fileOf(files.port, headers);
      const through = await fileOf(instance.httpPort, headers);
      expect(through.status).toBe(status);
      expect(direct.status).toBe(status);
      for (const name of ['content-length', 'content-range', 'accept-ranges', 'etag', 'last-modified'])
        expect(through.headers.get(name), name).toBe(direct.headers.get(name));
      // The boundary between the parts is a counter of the file server, so it differs from response to response.
      const parts = (answer: Answer): string => {
        const boundary = /boundary=(\w+)/.exec(answer.headers.get('content-type') ?? '')?.[1];
        const text = answer.body.toString('latin1');
        return boundary === undefined ? text : text.replaceAll(boundary, 'BOUNDARY');
      };
      expect(parts(through) === parts(direct), 'bodies are equal').toBe(true);
      if (what === 'several ranges') expect(parts(through).match(/Content-Range: /g)).toHaveLength(3);
    });
  }

  it('NGINX forwards conditional requests and HEAD requests to the file server', async () => {
    const { instance, files } = stage();
    const head = await fileOf(instance.httpPort, '', 'HEAD');
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(head.headers.get('content-length')).toBe(String(files.content.length));
    const etag = head.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"/);
    expect((await fileOf(instance.httpPort, `If-None-Match: ${etag}\r\n`)).status).toBe(304);
    expect((await fileOf(instance.httpPort, `If-Range: ${etag}\r\nRange: bytes=0-0\r\n`)).status).toBe(206);
    expect((await fileOf(instance.httpPort, 'If-Range: "old"\r\nRange: bytes=0-0\r\n')).status).toBe(200);
    expect((await fileOf(instance.httpPort, 'If-Match: "old"\r\n')).status).toBe(412);
  });
}
