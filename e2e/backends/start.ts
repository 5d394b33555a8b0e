/** Starts the process of the echo server and sends messages to it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { issue } from '../certificates.ts';
import type { KeyPair } from '../certificates.ts';
import type { Order } from './main.ts';
import type { Ports } from './servers.ts';
import { DEEP_NAME } from './servers.ts';
import { startSilent } from './silent.ts';
import { startSyslog } from './syslog.ts';
import type { Syslog } from './syslog.ts';

export interface Backends {
  readonly ports: Ports;
  /** A port of every loopback address that never accepts a connection. */
  readonly silentPort: number;
  /**
   * The CA that signed the servers' certificate for `backend.test` and `*.backend.test`, and that can sign certificates
   * of clients. The certificate for the server name `deep.backend.test` has two intermediate CAs below it.
   */
  readonly authority: KeyPair;
  readonly syslog: Pick<Syslog, 'port' | 'messages'>;
  /** A folder that scenarios can make NGINX write logs to. */
  readonly logFolder: string;
  /** Makes an address refuse connections on all ports. */
  down(address: string): Promise<void>;
  up(address: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one process that acts as every pod, because it listens on every address of 127.0.0.0/8. */
export async function startBackends(): Promise<Backends> {
  const authority = await issue(['Echo Authority'], undefined, true);
  const pair = await issue(['backend.test', '*.backend.test'], authority);
  const first = await issue(['First Intermediate'], authority, true);
  const second = await issue(['Second Intermediate'], first, true);
  const leaf = await issue([DEEP_NAME], second);
  const deep = { cert: [leaf, second, first].map(({ cert }) => cert.trim()).join('\n'), key: leaf.key };
  const child = fork(fileURLToPath(new URL('main.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  async function order(message: Order): Promise<unknown> {
    const reply = once(child, 'message');
    child.send(message);
    return (await reply)[0];
  }
  const { ports } = (await order({ order: 'start', pair, deep, ca: authority.cert })) as { ports: Ports };
  const silent = await startSilent();
  const syslog = await startSyslog();
  const logFolder = mkdtempSync(join(tmpdir(), 'tidegate-logs-'));
  return {
    ports,
    silentPort: silent.port,
    authority,
    syslog,
    logFolder,
    down: async (address) => void (await order({ order: 'down', address })),
    up: async (address) => void (await order({ order: 'up', address })),
    stop: async () => {
      await silent.stop();
      await syslog.stop();
      rmSync(logFolder, { recursive: true, force: true });
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}
