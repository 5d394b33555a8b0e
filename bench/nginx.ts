/** Plain NGINX processes for the comparison: a backend, and a proxy written by hand. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requestOnce } from '../e2e/client/connection.ts';
import { until } from '../e2e/runner/instance.ts';
import { freePort } from '../e2e/runner/port.ts';
import { workersOf } from '../e2e/runner/processes.ts';

export interface PlainNginx {
  readonly port: number;
  readonly worker: number;
  stop(): Promise<void>;
}

const MAIN = 'worker_processes 1;\nerror_log error.log;\npid nginx.pid;\nevents { worker_connections 4096; }\n';

/** Starts NGINX with one worker; `http` is the content of the http block for a port and its folder. */
export async function startPlain(http: (port: number, folder: string) => string): Promise<PlainNginx> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-bench-'));
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), `${MAIN}http {\n${http(port, folder)}\n}\n`);
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log'), '-g', 'daemon off;'];
  const child = spawn('nginx', args, { stdio: ['ignore', 'inherit', 'inherit'] });
  await until('plain NGINX answers', async () => {
    if (child.exitCode !== null) throw new Error('plain NGINX did not start');
    return (await requestOnce({ port, host: 'a.test', path: '/' }, 500)).kind === 'answer';
  });
  return {
    port,
    worker: workersOf(child.pid ?? 0)[0]?.pid ?? 0,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Answers 200 with 512 bytes and keeps connections for ever. */
export function backendConf(port: number): string {
  return `access_log off; keepalive_requests 10000000;
server { listen 127.0.0.1:${port}; location / { return 200 "${'x'.repeat(512)}"; } }`;
}

/** A static upstream, the same headers, and the log format of the generated configuration. */
export function staticConf(port: number, backend: number, logFormat: string, folder: string): string {
  return `${logFormat}
access_log ${folder}/access.log upstreaminfo;
keepalive_requests 10000000; server_tokens off; tcp_nopush on;
map $http_x_request_id $req_id { default $http_x_request_id; "" $request_id; }
map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
upstream backend { server 127.0.0.1:${backend}; keepalive 320; keepalive_requests 10000000; }
server {
  listen 127.0.0.1:${port};
  set $proxy_upstream_name "static"; set $proxy_alternative_upstream_name "";
  client_max_body_size 1m; proxy_http_version 1.1; proxy_next_upstream error timeout;
  proxy_set_header Host $http_host;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header X-Request-ID $req_id;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Host $http_host;
  proxy_set_header X-Forwarded-Port $server_port;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Scheme $scheme;
  proxy_set_header X-Scheme $scheme;
  proxy_set_header X-Original-Forwarded-For $http_x_forwarded_for;
  proxy_set_header X-Original-Forwarded-Host $http_x_forwarded_host;
  proxy_set_header Proxy "";
  location / { proxy_pass http://backend; }
}`;
}
