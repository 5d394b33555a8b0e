/**
 * A proxy between the controller and the live API, into which drills inject faults. NGINX's socket is renamed (NGINX
 * still listens on it), and the proxy listens on a new socket with the old name.
 */
import { once } from 'node:events';
import { renameSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';

/**
 * `cut-request`: half of a delta is forwarded, then both connections are cut. `cut-answer`: the delta is forwarded, and
 * its response is cut. A number: responses are delayed by this many milliseconds.
 */
export type LiveFault = 'cut-request' | 'cut-answer' | number;

export interface LiveProxy {
  /** Sets the fault. If undefined, everything is forwarded. */
  fault(fault: LiveFault | undefined): void;
  /** Refuses connections from now on. */
  refuse(): Promise<void>;
  listen(): Promise<void>;
  /** How many deltas were affected by a fault. */
  met(): number;
  /** Gives NGINX's socket its name back. */
  stop(): Promise<void>;
}

const IS_DELTA = /^POST \/v1\/delta /;

export async function startLiveProxy(runDir: string): Promise<LiveProxy> {
  const place = join(runDir, 'run/api/live.sock');
  const aside = join(runDir, 'run/api/moved.sock');
  const open = new Set<Socket>();
  let current: LiveFault | undefined;
  let met = 0;
  let server: Server | undefined;

  function serve(client: Socket): void {
    const nginx = connect(aside);
    const fault = current;
    let delta = false;
    for (const socket of [client, nginx]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => open.delete(socket));
    }
    function cut(): void {
      client.destroy();
      nginx.destroy();
    }
    client.on('data', (chunk: Buffer) => {
      if (IS_DELTA.test(chunk.toString('latin1', 0, 16))) {
        delta = true;
        if (fault !== undefined) met += 1;
      }
      if (delta && fault === 'cut-request') nginx.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), cut);
      else nginx.write(chunk);
    });
    nginx.on('data', (chunk: Buffer) => {
      if (delta && fault === 'cut-answer') cut();
      else if (typeof fault === 'number') setTimeout(() => client.write(chunk), fault);
      else client.write(chunk);
    });
    client.on('close', () => nginx.destroy());
    nginx.on('close', () => setTimeout(() => client.destroySoon(), typeof fault === 'number' ? fault : 0));
  }

  async function listen(): Promise<void> {
    if (server !== undefined) return;
    server = createServer(serve).listen(place);
    await once(server, 'listening');
  }
  async function refuse(): Promise<void> {
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of open) socket.destroy();
    await closed;
    server = undefined;
  }

  renameSync(place, aside);
  await listen();
  return {
    fault: (fault) => (current = fault),
    refuse,
    listen,
    met: () => met,
    async stop() {
      await refuse();
      rmSync(place, { force: true });
      renameSync(aside, place);
    },
  };
}
