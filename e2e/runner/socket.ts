/** TCP or TLS to an instance, as a request specifies it. */
import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { clients } from './clients.ts';
import { proxyHeader } from './proxy-protocol.ts';
import type { RequestSpec } from './scenario.ts';
import type { Seen } from './seen.ts';

export interface Ports {
  readonly httpPort: number;
  readonly httpsPort: number;
}

/**
 * What one client remembers of its handshakes: name in the scenario → session, and the server name that it was made
 * for.
 */
export type Sessions = Map<string, { readonly session: Buffer; readonly servername: string }>;

/** The server name to send: the name in the Host header, unless the request says otherwise. */
function serverName(spec: RequestSpec): string | undefined {
  const name = (typeof spec.tls === 'object' ? spec.tls.sni : undefined) ?? spec.host;
  const bare = name === false ? '' : name.replace(/:\d+$/, '');
  return bare === '' || isIP(bare) ? undefined : bare;
}

/**
 * OpenSSL's own client starts a new session for another server name, which an attacker would not do: the name in the
 * session is replaced. A session without a name is used as it is.
 */
function renamed(kept: ReturnType<Sessions['get']>, servername: string): Buffer {
  if (kept === undefined) throw new Error('no session was kept under this name');
  if (kept.servername === '' || kept.servername === servername) return kept.session;
  if (kept.servername.length !== servername.length)
    throw new Error(`${kept.servername} and ${servername} have to be of the same length`);
  return Buffer.from(kept.session.toString('latin1').replaceAll(kept.servername, servername), 'latin1');
}

function handshakeOf(spec: RequestSpec, sessions: Sessions): ConnectionOptions {
  if (typeof spec.tls !== 'object') return {};
  const { certificate, ciphers, groups, version, resume } = spec.tls;
  const session = resume === undefined ? undefined : renamed(sessions.get(resume), serverName(spec) ?? '');
  return {
    ...(certificate !== undefined && clients()[certificate]),
    ...(ciphers !== undefined && { ciphers }),
    ...(groups !== undefined && { ecdhCurve: groups }),
    ...(version !== undefined && { minVersion: version, maxVersion: version }),
    ...(session !== undefined && { session }),
  };
}

/** Connects, including the handshake; rejects with what went wrong. */
export async function open(spec: RequestSpec, ports: Ports, sessions: Sessions = new Map()): Promise<Socket> {
  const host = '127.0.0.1';
  const plain = connectTcp({ host: spec.address ?? host, port: spec.tls === false ? ports.httpPort : ports.httpsPort });
  await once(plain, 'connect');
  if (spec.proxyProtocol) plain.write(proxyHeader(spec.proxyProtocol));
  if (spec.tls === false) return plain;
  const servername = serverName(spec);
  const ALPNProtocols = [spec.http === '2' ? 'h2' : 'http/1.1'];
  const socket = connectTls({
    socket: plain,
    rejectUnauthorized: false,
    ALPNProtocols,
    ...(servername !== undefined && { servername }),
    ...handshakeOf(spec, sessions),
  });
  const { keep } = typeof spec.tls === 'object' ? spec.tls : {};
  // With TLS 1.3 it arrives after the handshake, before the response.
  if (keep !== undefined)
    socket.on('session', (session: Buffer) => sessions.set(keep, { session, servername: servername ?? '' }));
  await once(socket, 'secureConnect');
  return socket;
}

/** The result of the handshake. */
export function tlsOf(socket: Socket): Seen['tls'] {
  if (!(socket instanceof TLSSocket)) return undefined;
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    resumed: socket.isSessionReused(),
  };
}

/** Names on the certificate that the server presented. */
export function certificateOf(socket: Socket): Seen['certificate'] {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { subject, issuer } = socket.getPeerCertificate();
  return { subject: String(subject?.CN ?? ''), issuer: String(issuer?.CN ?? '') };
}
