/**
 * A real NGINX in a temporary run directory, with a small nginx.conf that calls the Lua code in the same way as the
 * generated one.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../e2e/runner/port.ts';
import { selfSigned } from './certificates.ts';
import { testConf } from './conf.ts';
import { apiClient } from './live.ts';
import type { ApiClient } from './live.ts';
import { killProcess, startedOn, workersOf } from './processes.ts';
import { request } from './request.ts';
import type { Answer, RequestOptions } from './request.ts';

const START = resolve(import.meta.dirname, '../start.sh');

export interface FixtureOptions {
  readonly workers?: number;
  /** Size of the dictionary, in nginx's notation. */
  readonly dict?: string;
  /** Content of the file live.data. */
  readonly live?: string;
  /** The worker_shutdown_timeout, in nginx's notation; 5s by default. */
  readonly shutdownTimeout?: string;
  /** Options for `tidegate.init`, as Lua, such as `forwarded = true`. They replace `log_upstream_name = true`. */
  readonly init?: string;
  /** What to count about requests (`measuresText`); nothing by default. */
  readonly metrics?: string;
  /** Size of the dictionary for what was counted, in nginx's notation. */
  readonly metricsDict?: string;
  /** More text for the http block. */
  readonly http?: string;
}

export interface Fixture {
  readonly run: string;
  readonly port: number;
  readonly tlsPort: number;
  readonly api: ApiClient;
  /** Sends a request for `path` to the route `id`, by default to the port for plain HTTP. */
  get(path: string, id: string, options?: RequestOptions): Promise<Answer>;
  /** Runs start.sh and waits until NGINX answers. */
  start(): Promise<void>;
  /** Pid of the process that start.sh became. */
  master(): number;
  /** Pids of the workers of `master()`. */
  workers(): readonly number[];
  /** Sends SIGHUP and waits until all workers of the new generation have registered. Returns the generation. */
  reload(): Promise<number>;
  /** Writes an nginx.conf with another hash, which the next `reload` loads. */
  writeConf(hash: string): void;
  /** The whole error log. */
  errorLog(): string;
  /** Stops NGINX and removes the run directory. */
  stop(): Promise<void>;
}

/**
 * Calls `attempt` until it returns something other than undefined. After `ms`, throws an error that contains `what`.
 */
export async function until<T>(
  what: string,
  attempt: () => Promise<T | undefined> | T | undefined,
  ms = 10_000,
): Promise<T> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const value = await attempt();
    if (value !== undefined) return value;
    await sleep(20);
  }
  throw new Error(`gave up waiting for ${what}`);
}

/** Runs start.sh on `run` as a child of this process. Its output is available in `stderr`. */
export function runStart(run: string, env: Record<string, string> = {}, flags: readonly string[] = []): ChildProcess {
  return spawn('/bin/sh', [START, ...flags, run], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
}

/** Creates the run directory and starts NGINX in it. */
export async function startFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const run = mkdtempSync(join(tmpdir(), 'tidegate-spec-'));
  chmodSync(run, 0o755);
  mkdirSync(join(run, 'conf/files'), { recursive: true });
  const port = await freePort();
  const tlsPort = await freePort();
  const api = apiClient(join(run, 'run/api/live.sock'));
  const children: ChildProcess[] = [];

  const fixture: Fixture = {
    run,
    port,
    tlsPort,
    api,
    get: (path, id, extra = {}) => request({ port, ...extra, path, headers: { 'X-Route': id, ...extra.headers } }),
    start: async () => {
      const child = runStart(run);
      children.push(child);
      let said = '';
      child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
      await until('NGINX to start', async () => {
        if (child.exitCode !== null)
          throw new Error(`start.sh ended with ${child.exitCode}: ${said}${fixture.errorLog()}`);
        // Workers that outlived their master may still answer.
        const own = workersOf(child.pid ?? 0);
        const state = own.length > 0 ? await api.state().catch(() => undefined) : undefined;
        const registered = state?.workers.filter((worker) => own.includes(worker.pid)) ?? [];
        return registered.length === (options.workers ?? 2) ? true : undefined;
      });
    },
    master: () => Number(readFileSync(join(run, 'run/master'), 'utf8').split(' ')[0]),
    workers: () => workersOf(fixture.master()),
    reload: async () => {
      const before = Math.max(...(await api.state()).workers.map((worker) => worker.generation));
      process.kill(fixture.master(), 'SIGHUP');
      return until('the new generation', async () => {
        const { workers } = await api.state();
        const fresh = workers.filter((worker) => worker.generation > before);
        return fresh.length > 0 && fresh.length === fresh[0]?.count ? fresh[0].generation : undefined;
      });
    },
    writeConf: (hash) =>
      writeFileSync(join(run, 'conf/nginx.conf'), testConf({ ...options, run, port, tlsPort, hash })),
    errorLog: () => {
      const path = join(run, 'run/error.log');
      return existsSync(path) ? readFileSync(path, 'utf8') : '';
    },
    stop: async () => {
      for (const child of children) {
        if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      }
      await until('NGINX to end', () => (startedOn(run).length === 0 ? true : undefined)).catch(() => undefined);
      startedOn(run).forEach(killProcess);
      rmSync(run, { recursive: true, force: true });
    },
  };
  const boot = selfSigned('boot');
  writeFileSync(join(run, 'conf/files/boot.pem'), boot.chain + boot.key);
  fixture.writeConf('0123456789abcdef');
  if (options.live !== undefined) writeFileSync(join(run, 'conf/live.data'), options.live);
  try {
    await fixture.start();
  } catch (error) {
    await fixture.stop();
    throw error;
  }
  return fixture;
}
