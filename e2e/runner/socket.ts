/** Opens the TCP or TLS connection that a request specifies. */
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
 * The TLS sessions that a client has stored: name in the scenario → session, and the server name of the handshake that
 * created it.
 */
export type Sessions = Map<string, { readonly session: Buffer; readonly servername: string }>;

/** The server name to send: `sni` of the request, by default the name in the Host header. */
function serverName(spec: RequestSpec): string | undefined {
  const name = (typeof spec.tls === 'object' ? spec.tls.sni : undefined) ?? spec.host;
  const bare = name === false ? '' : name.replace(/:\d+$/, '');
  return bare === '' || isIP(bare) ? undefined : bare;
}

/**
 * OpenSSL's client does not resume a session for another server name, but an attacker's client would. Therefore the
 * name in the stored session is replaced. A session without a name is used unchanged.
 */
function renamed(kept: ReturnType<Sessions['get']>, servername: string): Buffer {
  if (kept === undefined) throw new Error('no session was saved under this name');
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

/** Connects, and completes the TLS handshake if the request uses TLS. */
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
  // With TLS 1.3, the session arrives after the handshake and before the response.
  if (keep !== undefined)
    socket.on('session', (session: Buffer) => sessions.set(keep, { session, servername: servername ?? '' }));
  await once(socket, 'secureConnect');
  return socket;
}

/** The result of the TLS handshake; undefined without TLS. */
export function tlsOf(socket: Socket): Seen['tls'] {
  if (!(socket instanceof TLSSocket)) return undefined;
  return {
    protocol: socket.getProtocol() ?? '',
    cipher: socket.getCipher().name,
    resumed: socket.isSessionReused(),
  };
}

/** The CNs of the certificate that the server presented; undefined without TLS. */
export function certificateOf(socket: Socket): Seen['certificate'] {
  if (!(socket instanceof TLSSocket)) return undefined;
  const { subject, issuer } = socket.getPeerCertificate();
  return { subject: String(subject?.CN ?? ''), issuer: String(issuer?.CN ?? '') };
}
