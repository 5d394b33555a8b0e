/** Starts etcd and kube-apiserver as processes on loopback. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';

/** A running program whose output is written to `<folder>/<name>.log`. */
export interface Daemon {
  readonly child: ChildProcess;
  /** The last lines of the program's output. */
  tail(): string;
  /** Kills the program. Nobody needs its data, so it need not shut down gracefully. */
  kill(): Promise<void>;
}

function startDaemon(folder: string, name: string, file: string, args: readonly string[]): Daemon {
  const path = join(folder, `${name}.log`);
  const log = openSync(path, 'a');
  // etcd 3.4 runs on arm64 only with this variable.
  const env = { ...process.env, ...(arch() === 'arm64' && { ETCD_UNSUPPORTED_ARCH: 'arm64' }) };
  const child = spawn(file, args, { stdio: ['ignore', log, log], cwd: folder, env });
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
  return {
    child,
    tail: () => readFileSync(path, 'utf8').split('\n').slice(-25).join('\n'),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

export function startEtcd(assets: string, folder: string, port: number, peerPort: number): Daemon {
  const client = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return startDaemon(folder, 'etcd', join(assets, 'etcd'), [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
  ]);
}

/**
 * `folder` must contain the files that kube-apiserver reads: ca.crt, server.crt, server.key, accounts.key,
 * accounts.pub.
 */
export function startKubeApiserver(assets: string, folder: string, port: number, etcdPort: number): Daemon {
  return startDaemon(folder, 'kube-apiserver', join(assets, 'kube-apiserver'), [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    // kube-apiserver does not accept a loopback address here, and finds no address by itself in a network namespace
    // without routes. This address is not used.
    '--advertise-address=192.0.2.1',
    // The `kubernetes` Service, whose endpoint must not be a loopback address, is not needed.
    '--endpoint-reconciler-type=none',
    `--secure-port=${port}`,
    `--cert-dir=${folder}`,
    `--tls-cert-file=${join(folder, 'server.crt')}`,
    `--tls-private-key-file=${join(folder, 'server.key')}`,
    `--client-ca-file=${join(folder, 'ca.crt')}`,
    `--service-account-key-file=${join(folder, 'accounts.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'accounts.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.0.0.0/16',
    '--authorization-mode=RBAC',
    '--anonymous-auth=false',
    '--allow-privileged=true',
    // There is no controller that would create default service accounts.
    '--disable-admission-plugins=ServiceAccount',
  ]);
}
