/**
 * TLS handshakes as a process: `handshakes.ts PORT COUNT NAMES` makes COUNT full handshakes, with the server names of
 * NAMES sites in turn, sends nothing and closes. Prints a `Handshakes` as JSON.
 */
import { connect } from 'node:tls';
import { siteHost } from './sites.ts';

export interface Handshakes {
  readonly count: number;
  /** Handshakes that resumed a session: there should be none. */
  readonly resumed: number;
  /** Handshakes whose certificate was for another name. */
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
  // Tickets arrive after the handshake: a client that does not read them answers the close with a reset.
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
