/** Starts plain NGINX processes with one worker each, which are the backends of benches. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requestOnce } from '../e2e/client/connection.ts';
import { until } from '../e2e/runner/instance.ts';
import { freePort } from '../e2e/runner/port.ts';
import { workersOf } from '../e2e/runner/processes.ts';
import type { Scope } from './bench.ts';
import { CLIENT_CORE, pin } from './cores.ts';

export interface PlainNginx {
  readonly port: number;
  readonly worker: number;
  stop(): Promise<void>;
}

const MAIN =
  'worker_processes 1;\nworker_rlimit_nofile 65536;\nerror_log error.log;\npid nginx.pid;\nevents { worker_connections 16384; }\n';

/**
 * Starts NGINX with one worker. `http` returns the content of the http block, for a port and the folder of the
 * instance; `modules` are loaded, and `more` is what nginx.conf contains besides.
 */
export async function startPlain(
  http: (port: number, folder: string) => string,
  { modules = [], more = '' }: { readonly modules?: readonly string[]; readonly more?: string } = {},
): Promise<PlainNginx> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-bench-'));
  const port = await freePort();
  const loaded = modules.map((module) => `load_module ${module};\n`).join('');
  writeFileSync(join(folder, 'nginx.conf'), `${loaded}${MAIN}http {\n${http(port, folder)}\n}\n${more}\n`);
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log'), '-g', 'daemon off;'];
  const child = spawn('nginx', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const gone = once(child, 'exit');
  function end(): void {
    child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
  // Ends NGINX even if the bench is interrupted before this function returns.
  process.once('exit', end);
  await until('plain NGINX answers', async () => {
    if (child.exitCode !== null) throw new Error('plain NGINX did not start');
    return (await requestOnce({ port, host: 'a.test', path: '/' }, 500)).kind === 'answer';
  });
  return {
    port,
    worker: workersOf(child.pid ?? 0)[0]?.pid ?? 0,
    stop: async () => {
      process.off('exit', end);
      end();
      await gone;
    },
  };
}

/** A server that answers 200 with 512 bytes and never closes keepalive connections. */
export function backendConf(port: number, address = '127.0.0.1'): string {
  return `access_log off; keepalive_requests 10000000;
server { listen ${address}:${port}; location / { return 200 "${'x'.repeat(512)}"; } }`;
}

/**
 * Starts a backend at `address`, and pins the backend and this process to CLIENT_CORE. The backend ends with `scope`.
 */
export async function startOnClientCore(scope: Scope, address?: string): Promise<PlainNginx> {
  await pin(process.pid, CLIENT_CORE);
  const backend = await startPlain((port) => backendConf(port, address));
  scope.defer(async () => backend.stop());
  await pin(backend.worker, CLIENT_CORE);
  return backend;
}
