/** An NGINX without Tidegate that serves one file, as a backend with ranges, conditional requests and HEAD. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requestOnce } from '../../client/connection.ts';
import { until } from '../../runner/instance.ts';
import { freePort } from '../../runner/port.ts';

export interface FileServer {
  readonly port: number;
  /** The content of the file, whose path is `/file`. */
  readonly content: Buffer;
  stop(): Promise<void>;
}

const SIZE = 200_000;

/** Starts the file server on a free port on 127.0.0.1. */
export async function startFileServer(): Promise<FileServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-files-'));
  // If the master runs as root, its workers run as another user, who must be able to read this folder.
  chmodSync(folder, 0o755);
  const content = randomBytes(SIZE);
  writeFileSync(join(folder, 'file'), content);
  const port = await freePort();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path temp_${name};`,
  );
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid nginx.pid; error_log error.log; events { }
http { access_log off; ${temporary.join(' ')} server { listen 127.0.0.1:${port}; root ${folder}; } }\n`,
  );
  const binary = process.env.TIDEGATE_NGINX ?? 'nginx';
  const child = spawn(binary, ['-p', folder, '-c', 'nginx.conf', '-e', join(folder, 'error.log')], {
    stdio: 'inherit',
  });
  await until('the file server responds', async () => {
    return (await requestOnce({ port, host: 'files', path: '/file' })).kind === 'answer';
  });
  return {
    port,
    content,
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
