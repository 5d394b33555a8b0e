/** Runs a process of the image in its own PID and mount namespaces, with a read-only root, on the host's network. */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, closeSync, fchownSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../runner/instance.ts';

export interface ContainerOptions {
  /** The image's root file system. */
  readonly rootfs: string;
  readonly uid: number;
  readonly mounts: readonly Mount[];
  readonly command: readonly string[];
}

export interface Mount {
  readonly mode: 'ro' | 'rw';
  /** A folder on this machine. */
  readonly from: string;
  readonly to: string;
}

export interface Container {
  /** The host's pid of the container's process 1. */
  readonly pid: number;
  /** The lines that the container printed to stdout and stderr. */
  readonly lines: readonly string[];
  /** The host's pids of all processes of the container. */
  processes(): number[];
  /** The exit code or signal with which the container ended; undefined while it runs. */
  ended(): number | string | undefined;
  /** Waits for a line that matches. Throws with the last lines after `timeout` ms, or when the container has ended. */
  line(pattern: RegExp, timeout?: number): Promise<string>;
  /** Sends a signal to process 1 of the container, waits until it has ended, and returns its exit code or signal. */
  end(signal: NodeJS.Signals, timeout?: number): Promise<number | string>;
  /** Runs a shell command as root in the container's namespaces; returns its output and exit code. */
  look(command: string): { readonly code: number; readonly text: string };
  /** Kills the container if it still runs, and removes its scratch folder. */
  dispose(): Promise<void>;
}

const ENTER = fileURLToPath(new URL('enter.sh', import.meta.url));

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The only child of a process. Process 1 of a container is the only child of `unshare --fork`. */
function childOf(pid: number): number | undefined {
  const child = Number(read(`/proc/${pid}/task/${pid}/children`).trim().split(' ')[0]);
  return child > 1 ? child : undefined;
}

function descendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(descendants)];
}

/** Starts a container, and waits until its command runs. Throws with its output if that fails. Needs root. */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  // The upper layer of the overlay file system is in memory, like an emptyDir with medium Memory.
  const scratch = mkdtempSync('/dev/shm/tidegate-container-');
  chmodSync(scratch, 0o755);
  const mounts = options.mounts.map(({ mode, from, to }) => `${mode}:${from}:${to}`);
  const enter = ['sh', ENTER, scratch, options.rootfs, String(options.uid), ...mounts, '--', ...options.command];
  // NGINX opens /dev/stdout by its name, so stdout must be a file or pipe of NGINX's user. Node's pipes are sockets.
  const output = join(scratch, 'output');
  const descriptor = openSync(output, 'a');
  fchownSync(descriptor, options.uid, options.uid);
  const outer = spawn('unshare', ['--pid', '--mount', '--fork', '--kill-child', ...enter], {
    stdio: ['ignore', descriptor, descriptor],
  });
  closeSync(descriptor);
  const lines = () => read(output).split('\n');
  let inner = 0;
  const ended = () => outer.exitCode ?? outer.signalCode ?? undefined;
  const tail = () => lines().slice(-40).join('\n');
  /** Whether the command runs. enter.sh starts it through setpriv; it is the first process whose user is not root. */
  const runs = () => read(`/proc/${inner}/status`).includes(`Uid:\t${options.uid}\t`);

  const container: Container = {
    get pid() {
      return inner;
    },
    get lines() {
      return lines();
    },
    processes: () => (ended() === undefined ? descendants(inner) : []),
    ended,
    async line(pattern, timeout = 20_000) {
      const find = () => lines().find((text) => pattern.test(text));
      await until(`a line ${pattern}`, () => find() !== undefined || ended() !== undefined, timeout).catch(
        (error: unknown) => {
          throw new Error(`${String(error)}:\n${tail()}`);
        },
      );
      const found = find();
      if (found === undefined)
        throw new Error(`the container ended (${ended()}) without a line ${pattern}:\n${tail()}`);
      return found;
    },
    async end(signal, timeout = 15_000) {
      if (ended() === undefined) process.kill(inner, signal);
      await until(`the container ends after ${signal}`, () => ended() !== undefined, timeout);
      return ended() ?? 'unknown';
    },
    look(command) {
      const script = `(${command}) 2>&1; echo "code $?"`;
      const said = execFileSync('nsenter', ['--target', String(inner), '--mount', '--pid', '--', 'sh', '-c', script], {
        encoding: 'utf8',
        timeout: 20_000,
      });
      const [, text = '', code] = /^([^]*)code (\d+)\n$/.exec(said) ?? [];
      return { code: Number(code), text };
    },
    async dispose() {
      if (ended() === undefined && inner > 1) await container.end('SIGKILL');
      rmSync(scratch, { recursive: true, force: true });
    },
  };
  try {
    await until('the container to start', () => {
      inner = outer.pid === undefined ? 0 : (childOf(outer.pid) ?? 0);
      return ended() !== undefined || runs();
    });
  } catch (error) {
    await container.dispose();
    throw new Error(`${String(error)}:\n${tail()}`, { cause: error });
  }
  return container;
}
