/** Spawns the start command so that NGINX outlives the controller. */
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { RunPaths } from './run-dir.ts';

export interface Launched {
  readonly pid: number | undefined;
  /** Resolves to a description of how the command, which becomes the master, ended. */
  readonly ended: Promise<string>;
  /** How the command ended; undefined while it runs. */
  readonly exit: () => string | undefined;
}

/**
 * Starts NGINX in a session of its own, so that Ctrl-C in the controller's terminal does not reach it, and with a file
 * for its output, because a pipe would break when the controller exits. The child does not keep the controller running.
 * This uses Node's own `spawn`, because execa's types do not let a child write to an open file directly.
 */
export async function launch(startCommand: string, binary: string, paths: RunPaths): Promise<Launched> {
  const output = await open(paths.startLog, 'w', 0o600);
  try {
    const child = spawn(startCommand, [paths.root], {
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      cwd: '/',
      // With the variable NGINX in its environment, nginx would take over the sockets of another NGINX.
      env: { ...process.env, NGINX: undefined, TIDEGATE_NGINX: binary },
    });
    child.unref();
    let exit: string | undefined;
    const ended = new Promise<string>((resolve) => {
      function end(how: string): void {
        exit ??= how;
        resolve(how);
      }
      child.once('error', (error) => end(String(error)));
      child.once('exit', (code, signal) =>
        end(signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`),
      );
    });
    return { pid: child.pid, ended, exit: () => exit };
  } finally {
    await output.close();
  }
}
