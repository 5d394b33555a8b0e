/** Spawns the start command so that NGINX outlives the controller. */
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';
import type { RunPaths } from './run-dir.ts';

export interface Launched {
  readonly pid: number | undefined;
  /** Resolves when the command (which becomes the master) has ended, with how it ended. */
  readonly ended: Promise<string>;
}

/** A session of its own (no Ctrl-C of our terminal), output to a file (no pipe that breaks), nothing that keeps us alive. */
export async function launch(startCommand: string, binary: string, paths: RunPaths): Promise<Launched> {
  const output = await open(paths.startLog, 'w', 0o600);
  try {
    const child = execa(startCommand, [paths.root], {
      detached: true,
      cleanup: false,
      reject: false,
      buffer: false,
      stdin: 'ignore',
      stdout: output.fd,
      stderr: output.fd,
      cwd: '/',
      // NGINX=… in the environment would make it take over sockets of another NGINX.
      env: { NGINX: undefined, PATH: `${dirname(binary)}:${process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin'}` },
    });
    child.unref();
    const ended = child.then((result) => {
      if (result.signal !== undefined) return `it was ended by ${result.signal}`;
      return result.exitCode === undefined ? result.shortMessage : `it exited with code ${result.exitCode}`;
    });
    return { pid: child.pid, ended };
  } finally {
    await output.close();
  }
}
