/** PCRE as NGINX uses it: starts an NGINX whose worker compiles patterns and matches strings (pcre.lua). */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { literal } from '../../controller/types/conf-value.ts';
import { requestOnce } from '../../e2e/client/connection.ts';
import { until } from '../../e2e/runner/instance.ts';
import { freePort } from '../../e2e/runner/port.ts';
import { requireCapabilities } from '../capabilities.ts';

/** A string in three parts, each in base64: the beginning, a part that is repeated as often as it fits, and the end. */
export type Text = readonly [start: string, pump: string, finish: string];

export interface Job {
  /** The pattern as it is written for a location of nginx. */
  readonly conf: string;
  /** The pattern as it is written for ngx.re. */
  readonly lua: string;
  /** The flags of ngx.re. */
  readonly flags: string;
  readonly texts: readonly Text[];
  /** The length of each string, in bytes. */
  readonly length: number;
}

export interface Outcome {
  /** Nanoseconds of CPU that PCRE2 needs for the worst text. */
  readonly conf: number;
  /** Nanoseconds of CPU that ngx.re needs for the worst text. */
  readonly lua: number;
  readonly confText?: Text;
  readonly luaText?: Text;
  /** The error number of PCRE2, if it rejects the pattern. */
  readonly refused?: number;
  /** The message of ngx.re, if it rejects the pattern. */
  readonly luaRefused?: string;
}

export interface Pcre {
  run(jobs: readonly Job[]): Promise<readonly Outcome[]>;
  stop(): Promise<void>;
}

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** The main context of nginx.conf, whose relative paths are in a folder of its own. */
async function mainConf(): Promise<string> {
  const { modules } = await requireCapabilities();
  const loads = modules.map((path) => `load_module ${path};\n`).join('');
  return `${loads}worker_processes 1;\nerror_log error.log;\npid nginx.pid;\nevents { worker_connections 64; }\n`;
}

export async function startPcre(): Promise<Pcre> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-pcre-'));
  const port = await freePort();
  writeFileSync(
    join(folder, 'nginx.conf'),
    `${await mainConf()}http {
  lua_package_path "${HERE}?.lua;;";
  lua_regex_match_limit 100000;
  lua_regex_cache_max_entries 1;
  client_max_body_size 64m;
  client_body_buffer_size 64m;
  access_log off;
  server { listen 127.0.0.1:${port}; location / { return 204; } location /run { content_by_lua_block { require('pcre').answer() } } }
}
`,
  );
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log'), '-g', 'daemon off;'];
  const child = spawn('nginx', args, { stdio: 'inherit' });
  const gone = once(child, 'exit');
  await until('NGINX answers', async () => {
    if (child.exitCode !== null) throw new Error('NGINX did not start');
    return (await requestOnce({ port, host: 'a.test', path: '/' }, 500)).kind === 'answer';
  });
  return {
    run: async (jobs) => {
      const answer = await fetch(`http://127.0.0.1:${port}/run`, { method: 'POST', body: JSON.stringify(jobs) });
      if (answer.status !== 200) throw new Error(`NGINX answered ${answer.status}; see ${folder}/error.log`);
      return (await answer.json()) as Outcome[];
    },
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The message of `nginx -t` for locations with these regular expressions; undefined if it accepts all of them. */
export async function testLocations(patterns: readonly string[]): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-pcre-'));
  const locations = patterns.map((pattern) => `location ~* ${literal(pattern).conf} { return 204; }`).join('\n');
  const conf = join(folder, 'nginx.conf');
  writeFileSync(conf, `${await mainConf()}http {\nserver { listen 127.0.0.1:1;\n${locations}\n} }\n`);
  try {
    await promisify(execFile)('nginx', ['-t', '-p', folder, '-c', conf, '-e', join(folder, 'error.log')]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'nginx -t failed';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
