/** A running `tidegate up` with its folder of manifests, its ports and its NGINX. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { lineSearch } from './line-search.ts';
import type { KubernetesObject } from './object.ts';
import { freePort } from './port.ts';
import { isDraining, masterOf, startTimeOf, workersOf } from './processes.ts';
import { COMPILED, shippedProgram } from './shipped.ts';
import { readState } from './state.ts';

export interface Instance {
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly folder: string;
  readonly runDir: string;
  /** Every line that the controller printed, on stdout and stderr, in order. */
  readonly lines: readonly string[];
  readonly pid: number;
  /** Replaces one manifest file atomically. */
  write(file: string, objects: readonly KubernetesObject[]): void;
  writeText(file: string, text: string): void;
  remove(file: string): void;
  /** Waits for a line that matches, from line `from` on; after `timeout` ms, throws an error with the last lines. */
  line(pattern: RegExp, from?: number, timeout?: number): Promise<string>;
  /** Starts or restarts the controller, and waits until it reports that it is ready. */
  start(): Promise<void>;
  /** Sends a signal to the controller and waits until it has exited; returns its exit status. */
  end(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
  /** Kills the controller and its NGINX, whatever their state, and removes the folders. */
  dispose(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Checks a condition every 10 ms until it is true. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeout = 10_000,
): Promise<void> {
  const end = performance.now() + timeout;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${timeout} ms: ${what}`);
    await sleep(10);
  }
}

/**
 * Waits until a change that needs a reload has taken effect. The controller must have reported the reload, and the old
 * workers must have stopped accepting connections; they do so about 100 ms after the new workers have started, or later
 * on a busy machine.
 */
export async function settled(instance: Instance, from: number): Promise<void> {
  await instance.line(/\breload: /, from);
  await untilOnlyNewest(instance.runDir);
}

/** Waits until only the newest generation of workers accepts connections. */
export async function untilOnlyNewest(runDir: string): Promise<void> {
  await until('the old workers have stopped accepting connections', async () => {
    const { workers } = await readState(runDir);
    const newest = Math.max(...workers.map(({ generation }) => generation));
    const pids = new Set(workers.filter(({ generation }) => generation === newest).map(({ pid }) => pid));
    const all = workersOf(masterOf(runDir)?.pid ?? 0);
    return all.length > 0 && all.every(({ pid }) => pids.has(pid) || isDraining(pid));
  });
  // A worker first announces that it is shutting down, and then closes its listening sockets.
  await sleep(20);
}

async function killNginx(runDir: string): Promise<void> {
  const master = masterOf(runDir);
  if (master === undefined) return;
  const all = [master, ...workersOf(master.pid)];
  for (const { pid, startTime } of all) if (startTimeOf(pid) === startTime) process.kill(pid, 'SIGKILL');
  await until('NGINX has exited', () => startTimeOf(master.pid) !== master.startTime);
}

/** Creates folders, reserves ports, writes the manifests, and starts the controller unless `start` is false. */
export async function startInstance(
  files: Readonly<Record<string, readonly KubernetesObject[]>>,
  options: {
    readonly args?: readonly string[];
    readonly start?: boolean;
    /** Environment variables of the controller, in addition to those of this process. */
    readonly env?: Readonly<Record<string, string>>;
    readonly httpPort?: number;
    readonly runDir?: string;
    /** How many milliseconds the controller may take until it is ready; 45,000 by default. */
    readonly readyWithin?: number;
  } = {},
): Promise<Instance> {
  const base = mkdtempSync(join(tmpdir(), 'tidegate-e2e-'));
  const folder = join(base, 'manifests');
  const runDir = options.runDir ?? join(base, 'run');
  // NGINX's workers run as another user, and must be able to open their temporary folders in this folder.
  chmodSync(base, 0o755);
  mkdirSync(folder);
  const httpPort = options.httpPort ?? (await freePort());
  const httpsPort = await freePort();
  const lines: string[] = [];
  let child: ChildProcess | undefined;

  // kubectl reads YAML 1.1, in which `on` is a boolean. In version 1.1, `stringify` quotes such a string.
  function write(file: string, objects: readonly KubernetesObject[]): void {
    writeText(
      file,
      objects.map((object) => stringify(object, { aliasDuplicateObjects: false, version: '1.1' })).join('---\n'),
    );
  }
  function writeText(file: string, text: string): void {
    writeFileSync(join(base, 'next.yaml'), text);
    renameSync(join(base, 'next.yaml'), join(folder, file));
  }
  function collect(stream: NodeJS.ReadableStream): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
    });
    stream.on('end', () => rest !== '' && lines.push(rest));
  }
  async function line(pattern: RegExp, from = 0, timeout = 20_000): Promise<string> {
    const end = performance.now() + timeout;
    const search = lineSearch(pattern, from);
    for (;;) {
      const found = search(lines);
      if (found !== undefined) return found;
      const gone = child?.exitCode ?? child?.signalCode ?? null;
      if (performance.now() > end || gone !== null) {
        const tail = lines.slice(Math.max(from, lines.length - 40)).join('\n');
        throw new Error(
          `no line matches ${pattern}${gone === null ? '' : ` (the controller ended: ${gone})`}:\n${tail}`,
        );
      }
      await sleep(5);
    }
  }
  async function start(): Promise<void> {
    const from = lines.length;
    const ports = ['--http-port', String(httpPort), '--https-port', String(httpsPort)];
    // Each instance with TCP or UDP services or TLS passthrough needs a port of its own.
    if (options.args?.includes('--enable-ssl-passthrough') === true && !options.args.includes('--stream-port'))
      ports.push('--stream-port', String(await freePort()));
    const args = [
      await shippedProgram(),
      'up',
      '--manifests',
      folder,
      ...ports,
      '--run-dir',
      runDir,
      ...(options.args ?? []),
    ];
    const env = { ...process.env, ...COMPILED, ...options.env };
    child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.stdout) collect(child.stdout);
    if (child.stderr) collect(child.stderr);
    await line(/^ready/, from, options.readyWithin ?? 45_000);
  }
  async function endWith(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (child === undefined) return null;
    const running = child;
    if (running.exitCode === null && running.signalCode === null) running.kill(signal);
    await until(
      `the controller ends on ${signal}`,
      () => running.exitCode !== null || running.signalCode !== null,
      15_000,
    );
    return running.exitCode;
  }
  async function dispose(): Promise<void> {
    await endWith('SIGKILL');
    if (options.runDir === undefined) await killNginx(runDir);
    rmSync(base, { recursive: true, force: true });
  }

  for (const [file, objects] of Object.entries(files)) write(file, objects);
  const instance: Instance = {
    httpPort,
    httpsPort,
    folder,
    runDir,
    lines,
    get pid() {
      return child?.pid ?? 0;
    },
    write,
    writeText,
    remove: (file) => rmSync(join(folder, file)),
    line,
    start,
    end: endWith,
    dispose,
  };
  if (options.start === false) return instance;
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return instance;
}
