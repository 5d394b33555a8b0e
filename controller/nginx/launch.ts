/** Spawns the start command so that NGINX outlives the controller. */
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { RunPaths } from './run-dir.ts';

export interface Launched {
  readonly pid: number | undefined;
  /** Resolves when the command (which becomes the master) has ended, with how it ended. */
  readonly ended: Promise<string>;
  /** How it ended; undefined before that. */
  readonly exit: () => string | undefined;
}

/**
 * Its own session (no Ctrl-C from our terminal), output to a file (no pipe that breaks when we end), and nothing that
 * keeps us alive. This is Node's own spawn, because execa's types do not let a child write to an open file directly.
 */
export async function launch(startCommand: string, binary: string, paths: RunPaths): Promise<Launched> {
  const output = await open(paths.startLog, 'w', 0o600);
  try {
    const child = spawn(startCommand, [paths.root], {
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
      cwd: '/',
      // With NGINX=… in the environment it would take over the sockets of another NGINX.
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
