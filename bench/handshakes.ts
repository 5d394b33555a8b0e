/**
 * A process that performs TLS handshakes. `handshakes.ts PORT COUNT NAMES` performs COUNT full handshakes, with the
 * server names of NAMES sites in turn; it sends no requests. Prints a `Handshakes` object as JSON.
 */
import { connect } from 'node:tls';
import { siteHost } from './sites.ts';

export interface Handshakes {
  readonly count: number;
  /** Handshakes that resumed a session; expected: 0. */
  readonly resumed: number;
  /** Handshakes in which the server sent a certificate for another name. */
  readonly wrong: number;
  readonly failed: number;
  readonly protocol: string;
}

const LANES = 8;
const [port = 0, count = 0, names = 1] = process.argv.slice(2).map(Number);
let [begun, resumed, wrong, failed] = [0, 0, 0, 0];
let protocol = '';

async function handshake(servername: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
  });
  let done = false;
  socket.on('secureConnect', () => {
    done = true;
    protocol = socket.getProtocol() ?? '';
    if (socket.isSessionReused()) resumed += 1;
    if (socket.getPeerCertificate().subject.CN !== servername) wrong += 1;
    socket.end();
  });
  socket.on('error', () => socket.destroy());
  // Session tickets arrive after the handshake. If the client did not read them, it would reset the connection instead
  // of closing it.
  socket.on('data', () => undefined);
  socket.on('close', () => {
    if (!done) failed += 1;
    resolve(undefined);
  });
  socket.setTimeout(5000, () => socket.destroy());
  await promise;
}

async function lane(): Promise<void> {
  while (begun < count) {
    begun += 1;
    await handshake(siteHost(begun % names));
  }
}

await Promise.all(Array.from({ length: LANES }, lane));
const result: Handshakes = { count, resumed, wrong, failed, protocol };
console.log(JSON.stringify(result));
