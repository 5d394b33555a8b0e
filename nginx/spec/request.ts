/** Sends raw requests: redirects are not followed, paths are not normalized, and nothing is retried. */
import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as tlsConnect } from 'node:tls';
import type { IncomingHttpHeaders } from 'node:http';

export interface RequestOptions {
  readonly port?: number;
  readonly socketPath?: string;
  readonly tls?: boolean;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  /** An agent with a keepalive connection; by default, each request has a new connection. */
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends one request to loopback; rejects if there is no complete response within ten seconds. */
export function request(options: RequestOptions): Promise<Answer> {
  const { tls = false, body, ...rest } = options;
  return new Promise((done, fail) => {
    const target = options.socketPath === undefined ? { host: '127.0.0.1' } : {};
    const send = tls ? httpsRequest : httpRequest;
    const outgoing = send(
      { ...target, ...rest, agent: options.agent ?? false, rejectUnauthorized: false, timeout: 10_000 },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => done({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }));
        answer.on('error', fail);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within ten seconds')));
    outgoing.on('error', fail);
    outgoing.end(body);
  });
}

/** An agent with one keepalive connection, so that all its requests reach the same worker. */
export function oneConnection(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 });
}

/**
 * Common name of the certificate that NGINX uses in a full handshake. If `servername` is undefined, the handshake has
 * no server name.
 */
export function certificateName(port: number, servername: string | undefined): Promise<string> {
  return new Promise((done, fail) => {
    const sni = servername === undefined ? {} : { servername };
    const socket = tlsConnect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...sni }, () => {
      const name = socket.getPeerCertificate().subject.CN;
      socket.destroy();
      done(String(name));
    });
    socket.setTimeout(10_000, () => socket.destroy(new Error('no handshake within ten seconds')));
    socket.on('error', fail);
  });
}
