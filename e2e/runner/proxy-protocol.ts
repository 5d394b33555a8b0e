/** The PROXY protocol header that a load balancer sends at the start of a connection. */

export interface ProxyHeader {
  readonly version: 1 | 2;
  /** The IPv4 address of the client. */
  readonly source: string;
  /** The port that the client connected to. */
  readonly port: number;
}

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const CLIENT_PORT = 40_000;
const DESTINATION = '192.0.2.1';

function address(text: string): Buffer {
  return Buffer.from(text.split('.').map(Number));
}

/** The header of a proxied TCP connection over IPv4. */
export function proxyHeader({ version, source, port }: ProxyHeader): Buffer {
  if (version === 1) return Buffer.from(`PROXY TCP4 ${source} ${DESTINATION} ${CLIENT_PORT} ${port}\r\n`);
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(CLIENT_PORT, 0);
  ports.writeUInt16BE(port, 2);
  const addresses = Buffer.concat([address(source), address(DESTINATION), ports]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(addresses.length);
  // 0x21: version 2, command PROXY. 0x11: TCP over IPv4.
  return Buffer.concat([SIGNATURE, Buffer.from([0x21, 0x11]), length, addresses]);
}
