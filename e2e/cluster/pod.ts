/**
 * Runs a Pod of the chart as two programs on this machine: NGINX, started as its container does, and the controller.
 */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';
import { shippedProgram } from '../runner/shipped.ts';
import { masterOf, startTimeOf, workersOf } from '../runner/processes.ts';
import { asPodUser, checkReadable, giveToPodUser } from './identity.ts';
import { createProgram } from './program.ts';
import type { Program } from './program.ts';

export interface Pod {
  readonly name: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** The port on which NGINX serves /ready. */
  readonly statusPort: number;
  /** The port on which the controller serves /healthz and /metrics. */
  readonly healthzPort: number;
  readonly runDir: string;
  readonly controller: Program;
  /** NGINX, which is restarted when it exits, unless the test has stopped it. */
  readonly nginx: Program;
  /** Waits until NGINX reports that it is ready. */
  ready(timeout?: number): Promise<void>;
  /** Kills the master and all workers, as a node that runs out of memory might. */
  killNginx(): void;
  dispose(): Promise<void>;
}

export interface PodOptions {
  readonly kubeconfig: string;
  readonly name?: string;
  /** Flags in addition to those of every pod. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The checkout from which both programs run; by default this one, with the bundle as the controller. */
  readonly root?: string;
  /** The beginning of the name of the folder that contains the run directory. */
  readonly folder?: string;
}

export const POD_NAMESPACE = 'ingress-nginx';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The status and body of the response to a GET request on loopback. The status is 0 if there is none within 5 s. */
export async function get(port: number, path: string): Promise<{ status: number; text: string }> {
  const { promise, resolve } = Promise.withResolvers<{ status: number; text: string }>();
  const sent = request({ host: '127.0.0.1', port, path, agent: false, timeout: 5_000 }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    response.on('error', () => resolve({ status: 0, text }));
  });
  sent.on('error', (error) => resolve({ status: 0, text: String(error) })).on('timeout', () => sent.destroy());
  sent.end();
  return promise;
}

function killAll(runDir: string): void {
  const master = masterOf(runDir);
  if (master === undefined) return;
  for (const { pid, startTime } of [master, ...workersOf(master.pid)]) {
    if (startTimeOf(pid) === startTime) process.kill(pid, 'SIGKILL');
  }
}

/** Starts both programs, and does not wait until they are ready. */
export async function startPod({
  kubeconfig,
  name = 'tidegate-0',
  args = [],
  env = {},
  root,
  folder = 'tidegate-pod-',
}: PodOptions): Promise<Pod> {
  const main = root === undefined ? await shippedProgram() : join(root, 'bin/tidegate.js');
  checkReadable(main);
  const base = mkdtempSync(join(tmpdir(), folder));
  const [runDir, config, log] = [join(base, 'run'), join(base, 'kubeconfig'), join(base, 'nginx.log')];
  chmodSync(base, 0o755);
  mkdirSync(runDir);
  copyFileSync(kubeconfig, config);
  writeFileSync(log, '');
  for (const path of [base, runDir, config, log]) giveToPodUser(path);
  const [httpPort, httpsPort, statusPort, healthzPort] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const flags = {
    kubeconfig: config,
    'run-dir': runDir,
    'http-port': httpPort,
    'http-listen-port': httpPort,
    'https-port': httpsPort,
    'https-listen-port': httpsPort,
    'status-port': statusPort,
    'healthz-port': healthzPort,
    'healthz-host': '127.0.0.1',
    'allow-addresses': '127.0.0.0/8',
    'watch-ingress-without-class': true,
    'publish-status-address': '192.0.2.10',
    'log-format': 'text',
  };
  const given = Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`);
  const command = asPodUser([process.execPath, main, 'controller', ...given, ...args]);
  const controller = createProgram(command.file, command.args, {
    cwd: root ?? ROOT,
    env: { POD_NAME: name, POD_NAMESPACE, ...env },
  });
  const start = asPodUser(['nginx/start.sh', '--wait', runDir]);
  const nginx = createProgram(start.file, start.args, { cwd: root ?? ROOT, restartMs: 300, log });
  nginx.start();
  controller.start();
  return {
    name,
    httpPort,
    httpsPort,
    statusPort,
    healthzPort,
    runDir,
    controller,
    nginx,
    async ready(timeout = 30_000) {
      async function isReady(): Promise<boolean> {
        if (!controller.running()) throw new Error('the controller has ended');
        return (await get(statusPort, '/ready')).status === 200;
      }
      await until('NGINX is ready', isReady, timeout).catch((error: unknown) => {
        const tail = [...controller.lines.slice(-30), ...nginx.lines.slice(-10)];
        throw new Error(`${String(error)}\n${tail.join('\n')}`);
      });
    },
    killNginx: () => killAll(runDir),
    async dispose() {
      await controller.end('SIGKILL');
      // Workers can be found only while their master runs.
      killAll(runDir);
      await nginx.end('SIGKILL');
      rmSync(base, { recursive: true, force: true });
    },
  };
}
