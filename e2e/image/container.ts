/** A process of the image in its own PID and mount namespaces, with a read-only root; the network is the host's. */
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
  /** Folder on this machine. */
  readonly from: string;
  readonly to: string;
}

export interface Container {
  /** Pid of its process 1, on the host. */
  readonly pid: number;
  /** What it printed, stdout and stderr, line by line. */
  readonly lines: readonly string[];
  /** Pids of all its processes, on the host. */
  processes(): number[];
  /** How it ended: exit code or signal; undefined while it runs. */
  ended(): number | string | undefined;
  /** Waits for a line that matches; throws with its output after `timeout` ms, or when it ended. */
  line(pattern: RegExp, timeout?: number): Promise<string>;
  /** Sends a signal to its process 1 and waits until everything is gone; returns how it ended. */
  end(signal: NodeJS.Signals, timeout?: number): Promise<number | string>;
  /** Runs a shell command as root in its namespaces; returns output and exit code. */
  look(command: string): { readonly code: number; readonly text: string };
  /** Kills what is left and removes its scratch folder. */
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

/** `--fork` makes process 1 the only child. */
function childOf(pid: number): number | undefined {
  const child = Number(read(`/proc/${pid}/task/${pid}/children`).trim().split(' ')[0]);
  return child > 1 ? child : undefined;
}

function descendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(descendants)];
}

/** Starts it; resolves once its command runs. Throws with its output if it does not. Needs root. */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  // Overlay's upper layer and the volumes are in memory, like emptyDir with medium Memory.
  const scratch = mkdtempSync('/dev/shm/tidegate-container-');
  chmodSync(scratch, 0o755);
  const mounts = options.mounts.map(({ mode, from, to }) => `${mode}:${from}:${to}`);
  const enter = ['sh', ENTER, scratch, options.rootfs, String(options.uid), ...mounts, '--', ...options.command];
  // NGINX opens /dev/stdout by name: that needs a file (or a pipe) of its user, and Node's pipes are sockets.
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
  /** setpriv has become the command when the user is no longer root. */
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
      if (found === undefined) throw new Error(`it ended (${ended()}) without a line ${pattern}:\n${tail()}`);
      return found;
    },
    async end(signal, timeout = 15_000) {
      if (ended() === undefined) process.kill(inner, signal);
      await until(`the end after ${signal}`, () => ended() !== undefined, timeout);
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
