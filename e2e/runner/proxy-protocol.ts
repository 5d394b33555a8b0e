/** The PROXY protocol header that a load balancer sends at the start of a connection. */

import ipaddr from 'ipaddr.js';

export interface ProxyHeader {
  readonly version: 1 | 2;
  /** The address of the client. */
  readonly source: string;
  /** The port that the client connected to. */
  readonly port: number;
}

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const CLIENT_PORT = 40_000;
const DESTINATION = { ipv4: '192.0.2.1', ipv6: '2001:db8::1' } as const;
/** TCP over this family, as version 2 writes it. */
const FAMILY = { ipv4: 0x11, ipv6: 0x21 } as const;

function bytesOf(text: string): Buffer {
  return Buffer.from(ipaddr.parse(text).toByteArray());
}

/** The header of a proxied TCP connection. */
export function proxyHeader({ version, source, port }: ProxyHeader): Buffer {
  const kind = ipaddr.parse(source).kind();
  const destination = DESTINATION[kind];
  const name = kind === 'ipv4' ? 'TCP4' : 'TCP6';
  if (version === 1) return Buffer.from(`PROXY ${name} ${source} ${destination} ${CLIENT_PORT} ${port}\r\n`);
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(CLIENT_PORT, 0);
  ports.writeUInt16BE(port, 2);
  const addresses = Buffer.concat([bytesOf(source), bytesOf(destination), ports]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(addresses.length);
  // 0x21: version 2, command PROXY.
  return Buffer.concat([SIGNATURE, Buffer.from([0x21, FAMILY[kind]]), length, addresses]);
}
