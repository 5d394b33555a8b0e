/** Starts a real API server for tests: kube-apiserver with RBAC, and its etcd, on random loopback ports. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { issue } from '../certificates.ts';
import type { KeyPair } from '../certificates.ts';
import { freePort } from '../runner/port.ts';
import { issueServer, issueUser } from './certificates.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { startEtcd, startKubeApiserver } from './real-processes.ts';
import type { Daemon } from './real-processes.ts';

export interface RealServer {
  readonly url: string;
  readonly port: number;
  /** PEM of the CA that signed the server's certificate. */
  readonly ca: string;
  /**
   * Writes a kubeconfig for the administrator or, with `token`, for the owner of the token. `port` may be that of a
   * proxy on 127.0.0.1, because the server's certificate is valid for every port.
   */
  writeKubeconfig(path: string, options?: { readonly token?: string; readonly port?: number }): void;
  /** Kills kube-apiserver and, after `ms` milliseconds, starts it on the same port with the same etcd. */
  restart(ms?: number): Promise<void>;
  /** Kills both processes and removes their files. */
  stop(): Promise<void>;
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
}

async function isReady(port: number, ca: string, client: KeyPair): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const sent = request({ host: '127.0.0.1', port, path: '/readyz', ca, ...client, agent: false }, (response) => {
    response.resume();
    resolve(response.statusCode === 200);
  });
  sent.on('error', () => resolve(false)).setTimeout(2_000, () => sent.destroy());
  sent.end();
  return promise;
}

/**
 * Starts both programs, which are in the folder `assets`. Rejects with the last lines of their output if they are not
 * ready in time.
 */
export async function startRealServer(assets: string, timeout = 90_000): Promise<RealServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-apiserver-'));
  const authority = await issue(['Test Authority'], undefined, true);
  const server = await issueServer(authority);
  const admin = await issueUser(authority, 'admin', 'system:masters');
  const accounts = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFiles(folder, {
    'ca.crt': authority.cert,
    'server.crt': server.cert,
    'server.key': server.key,
    'accounts.key': accounts.privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
    'accounts.pub': accounts.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  });
  const [port, etcdPort, peerPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const etcd = startEtcd(assets, folder, etcdPort, peerPort);
  let apiserver = startKubeApiserver(assets, folder, port, etcdPort);

  async function ready(): Promise<void> {
    const end = performance.now() + timeout;
    while (!(await isReady(port, authority.cert, admin))) {
      const ended = [etcd, apiserver].find(({ child }) => child.exitCode !== null || child.signalCode !== null);
      if (ended !== undefined || performance.now() > end) throw new Error(`not ready:\n${(ended ?? apiserver).tail()}`);
      await sleep(100);
    }
  }
  async function kill(...daemons: readonly Daemon[]): Promise<void> {
    for (const daemon of daemons) await daemon.kill();
  }
  async function stop(): Promise<void> {
    await kill(apiserver, etcd);
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await ready();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    ca: authority.cert,
    writeKubeconfig(path, options = {}) {
      const identity = options.token === undefined ? { client: admin } : { token: options.token };
      writeKubeconfig(path, { server: `https://127.0.0.1:${options.port ?? port}`, ca: authority.cert, ...identity });
    },
    async restart(ms = 0) {
      await kill(apiserver);
      await sleep(ms);
      apiserver = startKubeApiserver(assets, folder, port, etcdPort);
      await ready();
    },
    stop,
  };
}
