/** What the tests of TLS passthrough have in common: pods with certificates of their own, their objects, and clients. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { issue } from '../certificates.ts';
import { serviceOf, sliceOf } from '../runner/endpoints.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { hostOf, ingressOf, NAMESPACE, takeAddresses } from './site.ts';

export const PASSED = { 'nginx.ingress.kubernetes.io/ssl-passthrough': 'true' };

/** The common name of the pods' certificate. */
export const OF_PODS = 'backend.own';

export interface TlsPods {
  readonly addresses: readonly string[];
  readonly port: number;
  stop(): void;
}

/** Pods that send their own address and the negotiated protocol, and then whatever they receive. */
export async function startTlsPods(count: number): Promise<TlsPods> {
  const pair = await issue([OF_PODS]);
  const addresses = takeAddresses(count);
  const servers: Server[] = [];
  let port = 0;
  for (const address of addresses) {
    const server = createServer({ ...pair, ALPNProtocols: ['acme-tls/1', 'h2'] }, greet);
    servers.push(server);
    await once(server.listen(port, address), 'listening');
    ({ port } = server.address() as AddressInfo);
  }
  return {
    addresses,
    port,
    stop: () => {
      for (const server of servers) server.close();
    },
  };
}

function greet(socket: TLSSocket): void {
  socket.on('error', () => socket.destroy());
  socket.write(`${socket.localAddress} ${String(socket.alpnProtocol)}\n`);
  socket.pipe(socket);
}

/** An Ingress, its Service and the pods behind it. */
export function tlsSite(
  name: string,
  addresses: readonly string[],
  port: number,
  annotations: Readonly<Record<string, string>> = {},
): KubernetesObject[] {
  const ingress = ingressOf(name, `${name}:443`, { annotations });
  return [ingress, serviceOf(name, NAMESPACE, { port: 443 }), sliceOf(name, NAMESPACE, addresses, { port })];
}

export interface Handshake {
  readonly subject: string | undefined;
  readonly socket: TLSSocket;
}

export interface Client {
  readonly alpn?: readonly string[];
  /** Address of the client. */
  readonly from?: string;
}

/** A TLS connection to a site; rejects if the connection is closed before the handshake is complete. */
export async function shakeHands(port: number, site: string, { alpn, from }: Client = {}): Promise<Handshake> {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: hostOf(site),
    rejectUnauthorized: false,
    ...(alpn !== undefined && { ALPNProtocols: [...alpn] }),
    ...(from !== undefined && { localAddress: from }),
  });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  return { subject: String(subject?.CN), socket };
}

/** The first line that a backend sends. */
export async function firstLine(port: number, site: string, client: Client = {}): Promise<string> {
  const { socket } = await shakeHands(port, site, client);
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return data.toString().trim();
}

/** The common name of the certificate that a client gets. */
export async function commonNameOf(port: number, site: string, client: Client = {}): Promise<string | undefined> {
  const { subject, socket } = await shakeHands(port, site, client);
  socket.destroy();
  return subject;
}
