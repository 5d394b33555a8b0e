/**
 * Runs NGINX from disk, without a controller: with the run directory that a controller would have written, and with the
 * same server blocks for an NGINX without the Lua module.
 */
import { createPair } from '../controller/app/fallback-certificate.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { argumentsOf } from '../controller/cli/flag-values.ts';
import { buildOnce } from '../controller/cli/one-shot.ts';
import { thisMachine } from '../controller/cli/stages.ts';
import type { Capabilities } from '../controller/types/nginx.ts';
import type { LiveDocument } from '../controller/types/live.ts';
import type { Measures } from '../controller/types/request-metrics.ts';
import { requestOnce } from '../e2e/client/connection.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';
import { until } from '../e2e/runner/instance.ts';
import { freePort } from '../e2e/runner/port.ts';
import { workersOf } from '../e2e/runner/processes.ts';
import type { Scope } from './bench.ts';
import { pin, WORKER_CORE } from './cores.ts';
import { withoutLua } from './without-lua.ts';

export interface RunDirectory {
  /** The parent folder of conf/ and run/; nginx.conf contains this path. */
  readonly path: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /**
   * The port of an additional server, which is not part of the generated nginx.conf. It answers every request with the
   * pid of the worker.
   */
  readonly pidPort: number;
  /** Bytes of the generated nginx.conf. */
  readonly confBytes: number;
}

const START = fileURLToPath(new URL('../nginx/start.sh', import.meta.url));

type Asked = Pick<Capabilities, 'http2Directive' | 'modules' | 'brotli' | 'headersMore' | 'ipv6' | 'user'>;

async function build(
  scope: Scope,
  files: Readonly<Record<string, readonly KubernetesObject[]>>,
  capabilities: Asked,
  path: string,
  ports: { readonly http: number; readonly https: number },
  measures: Measures | undefined,
): Promise<{ conf: string; live: LiveDocument; files: ReadonlyMap<string, string> }> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-bench-manifests-'));
  const remove = scope.defer(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, objects] of Object.entries(files)) {
    // Tidegate reads YAML 1.1, in which an unquoted `on` is a boolean.
    const texts = objects.map((object) => stringify(object, { aliasDuplicateObjects: false, version: '1.1' }));
    writeFileSync(join(folder, name), texts.join('---\n'));
  }
  const given = argumentsOf(
    'check',
    new Map([
      ['http-port', `${ports.http}`],
      ['https-port', `${ports.https}`],
    ]),
  );
  const machine = thisMachine(capabilities, path, await createPair(), null);
  const site = { ...machine, ...(measures !== undefined && { measures }) };
  const { built, problems } = await buildOnce([folder], given, site, { now: Date.now() });
  // Throws if an annotation or key is ignored: otherwise its cost would be measured as zero.
  const ignored = problems.filter(({ severity }) => severity !== 'notice');
  if (ignored.length > 0) throw new Error(ignored.map(({ message }) => message).join('\n'));
  await remove();
  return built.artifact;
}

function newFolder(scope: Scope): string {
  const path = mkdtempSync(join(tmpdir(), 'tidegate-bench-run-'));
  scope.defer(() => rmSync(path, { recursive: true, force: true }));
  chmodSync(path, 0o755);
  mkdirSync(join(path, 'conf', 'files'), { recursive: true });
  mkdirSync(join(path, 'run', 'api'), { recursive: true });
  // NGINX may run as another user, for example in a container.
  for (const name of ['run', 'run/api']) chmodSync(join(path, name), 0o777);
  return path;
}

function writeConf(path: string, conf: string, files: ReadonlyMap<string, string>, pidPort: number): void {
  const server = `server { listen 127.0.0.1:${pidPort}; access_log off; location / { return 200 $pid; } }\n}\n`;
  writeFileSync(join(path, 'conf', 'nginx.conf'), conf.replace(/}\s*$/, server));
  for (const [name, content] of files) writeFileSync(join(path, 'conf', 'files', name), content);
}

function writeLive(path: string, live: LiveDocument): void {
  const lines = [...live].map(([key, value]) => `set ${key} ${value}\n`).join('');
  // NGINX stores the digest of the live data without checking it, so any digest will do.
  writeFileSync(join(path, 'conf', 'live.data'), `tidegate-live 1\nbegin 0\n${lines}end 1 ${'0'.repeat(32)}\n`);
}

/**
 * Writes two run directories: the one that a controller would have written, and a version without Lua, which proxies to
 * `upstream`. `edit` may change each nginx.conf, and may write additional files to the `folder` that it is given.
 * `measures`: what the workers count about requests; nothing by default.
 */
export async function writeRunDirectories(
  scope: Scope,
  files: Readonly<Record<string, readonly KubernetesObject[]>>,
  capabilities: Asked,
  upstream: string,
  edit: (conf: string, lua: boolean, folder: string) => string = (conf) => conf,
  measures?: Measures,
): Promise<{ ours: RunDirectory; plain: RunDirectory }> {
  const [path, plainPath] = [newFolder(scope), newFolder(scope)];
  const ports = { http: await freePort(), https: await freePort(), pid: await freePort() };
  const plain = { http: await freePort(), https: await freePort(), pid: await freePort() };
  const { conf, live, files: loaded } = await build(scope, files, capabilities, path, ports, measures);
  writeConf(path, edit(conf, true, join(path, 'conf', 'files')), loaded, ports.pid);
  writeLive(path, live);
  const other = withoutLua(conf, upstream)
    .replaceAll(path, plainPath)
    .replaceAll(new RegExp(`(listen (?:\\[::\\]:)?)${ports.http}\\b`, 'g'), `$1${plain.http}`)
    .replaceAll(new RegExp(`(listen (?:\\[::\\]:)?)${ports.https}\\b`, 'g'), `$1${plain.https}`);
  writeConf(plainPath, edit(other, false, join(plainPath, 'conf', 'files')), loaded, plain.pid);
  return {
    ours: {
      path,
      httpPort: ports.http,
      httpsPort: ports.https,
      pidPort: ports.pid,
      confBytes: Buffer.byteLength(conf),
    },
    plain: {
      path: plainPath,
      httpPort: plain.http,
      httpsPort: plain.https,
      pidPort: plain.pid,
      confBytes: Buffer.byteLength(other),
    },
  };
}

export interface DiskNginx {
  /** Pid of the master process. */
  readonly master: number;
  /** Waits until a worker answers on the pid port. */
  ready(): Promise<void>;
  workers(): number[];
  stop(): Promise<void>;
}

/**
 * Starts NGINX with a run directory, by nginx/start.sh, and does not wait until it is ready. `stop` ends NGINX; so does
 * the end of the bench.
 */
export function startFromDisk(scope: Scope, directory: RunDirectory): DiskNginx {
  const child = spawn(START, [directory.path], { stdio: ['ignore', 'inherit', 'inherit'] });
  const gone = once(child, 'exit');
  const stop = scope.defer(async () => {
    // SIGTERM instead of SIGQUIT: requests of a bench need not be completed.
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await gone;
  });
  // start.sh replaces itself with NGINX (exec), so the child's pid is the pid of the master.
  const master = child.pid ?? 0;
  async function ready(): Promise<void> {
    await untilAnswers(directory, () => {
      if (child.exitCode !== null) throw new Error(`NGINX ended with exit code ${child.exitCode}`);
    });
  }
  return { master, workers: () => workersOf(master).map(({ pid }) => pid), ready, stop };
}

/**
 * Starts NGINX, waits until it answers, and pins the master and its workers to WORKER_CORE. Workers that the master
 * starts later inherit the setting.
 */
export async function startPinned(scope: Scope, directory: RunDirectory): Promise<DiskNginx> {
  const nginx = startFromDisk(scope, directory);
  await nginx.ready();
  for (const pid of [nginx.master, ...nginx.workers()]) await pin(pid, WORKER_CORE);
  return nginx;
}

/**
 * Waits until a worker answers on the pid port. `check` is called before each attempt, and throws if NGINX has exited.
 */
export async function untilAnswers({ pidPort }: RunDirectory, check: () => void = () => undefined): Promise<void> {
  async function answers(): Promise<boolean> {
    check();
    return (await requestOnce({ port: pidPort, host: 'a.test', path: '/' }, 1000)).kind === 'answer';
  }
  await until('NGINX answers', answers, 120_000);
}
