/** TCP or TLS to an instance, as a request asks for it. */
import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { RequestSpec } from './scenario.ts';
import type { Seen } from './seen.ts';

export interface Ports {
  readonly httpPort: number;
  readonly httpsPort: number;
}

/** The server name to send: that of the Host header, unless the request says otherwise. */
function serverName(spec: RequestSpec): string | undefined {
  const name = typeof spec.tls === 'object' ? spec.tls.sni : spec.host;
  const bare = name === false ? '' : name.replace(/:\d+$/, '');
  return bare === '' || isIP(bare) ? undefined : bare;
}

/** Connects, the handshake included; rejects with what went wrong. */
export async function open(spec: RequestSpec, ports: Ports): Promise<Socket> {
  const host = '127.0.0.1';
  if (spec.tls === false) {
    const socket = connectTcp({ host, port: ports.httpPort });
    await once(socket, 'connect');
    return socket;
  }
  const servername = serverName(spec);
  const ALPNProtocols = [spec.http === '2' ? 'h2' : 'http/1.1'];
  const socket = connectTls({
    host,
    port: ports.httpsPort,
    rejectUnauthorized: false,
    ALPNProtocols,
    ...(servername !== undefined && { servername }),
  });
  await once(socket, 'secureConnect');
  return socket;
}

/** Names on the certificate that the server presented. */
export function certificateOf(socket: Socket): Seen['certificate'] {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { subject, issuer } = socket.getPeerCertificate();
  return { subject: String(subject?.CN ?? ''), issuer: String(issuer?.CN ?? '') };
}
