/** Sends a number of requests to a pod, over HTTP/1.1 or HTTP/2, and counts the statuses of the responses. */
import { Agent, request } from 'node:http';
import { connect } from 'node:http2';
import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import type { Pod } from './pod.ts';

export interface Burst {
  readonly host: string;
  readonly count: number;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Uses HTTP/2 over TLS. */
  readonly http2?: true;
}

/** Number of responses by status; `lost` counts requests without a response. */
export type Statuses = Readonly<Record<string, number>>;

const AT_A_TIME = 10;

/** Sends the requests, ten at a time. */
export async function sendBurst(pod: Pod, burst: Burst): Promise<Statuses> {
  const statuses: Record<string, number> = {};
  const sender = burst.http2 ? overHttp2(pod, burst) : overHttp1(pod, burst);
  let left = burst.count;
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      while (left > 0) {
        left -= 1;
        const status = await sender.send().catch(() => 'lost');
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    }),
  );
  sender.close();
  return statuses;
}

interface Sender {
  send(): Promise<number | string>;
  close(): void;
}

function overHttp1(pod: Pod, { host, method = 'GET', path = '/', headers = {} }: Burst): Sender {
  const agent = new Agent({ keepAlive: true });
  const options = { host: '127.0.0.1', port: pod.httpPort, agent, method, path, headers: { ...headers, host } };
  return {
    send: () =>
      new Promise((resolve, reject) => {
        const sent = request({ ...options, timeout: 10_000 }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode ?? 0));
        });
        sent.on('error', reject).on('timeout', () => sent.destroy(new Error('timeout')));
        sent.end();
      }),
    close: () => agent.destroy(),
  };
}

function overHttp2(pod: Pod, { host, method = 'GET', path = '/', headers = {} }: Burst): Sender {
  let session: ClientHttp2Session | undefined;
  const open = (): ClientHttp2Session =>
    connect(`https://${host}`, {
      createConnection: () =>
        connectTls({
          host: '127.0.0.1',
          port: pod.httpsPort,
          servername: host,
          ALPNProtocols: ['h2'],
          rejectUnauthorized: false,
        }),
    }).on('error', () => undefined);
  const fields: OutgoingHttpHeaders = { ...headers, ':method': method, ':path': path, ':authority': host };
  return {
    send: () =>
      new Promise((resolve, reject) => {
        // NGINX closes a session when its worker stops; the next request opens another one.
        if (session === undefined || session.closed || session.destroyed) session = open();
        const stream = session.request(fields);
        let status = 0;
        stream.on('response', (response) => (status = Number(response[':status'])));
        stream.on('error', reject);
        stream.resume().on('close', () => (status > 0 ? resolve(status) : reject(new Error('no response'))));
        stream.end();
      }),
    close: () => session?.destroy(),
  };
}
