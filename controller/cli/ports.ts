import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { portOwner } from './port-owner.ts';

/** Whether a TCP port can be bound on all addresses; the error code where it cannot. */
function bindError(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** A worker that outlived its master, by the file that nginx/start.sh leaves open for it: the start sends it home. */
function isOrphan(pid: number, runDir: string): boolean {
  try {
    const [held, marker] = [statSync(`/proc/${pid}/fd/8`), statSync(path.join(runDir, 'run/marker'))];
    return held.ino === marker.ino && held.dev === marker.dev;
  } catch {
    return false;
  }
}

/**
 * Why one of the ports cannot be used, with its owner and the flag that chooses another; undefined where both can.
 * What NGINX left behind on this run directory is no obstacle.
 */
export async function takenPort(ports: Readonly<Record<string, number>>, runDir: string): Promise<string | undefined> {
  for (const [flag, port] of Object.entries(ports)) {
    const code = await bindError(port);
    if (code === undefined) continue;
    if (code !== 'EADDRINUSE') return `port ${port} cannot be used (${code}); choose another with ${flag}`;
    const owner = portOwner(port);
    if (owner !== undefined && isOrphan(owner.pid, runDir)) continue;
    const who = owner === undefined ? 'another process' : `${owner.command} (pid ${owner.pid})`;
    return `port ${port} is taken by ${who}; choose another with ${flag}, for example ${flag} ${port + 1000}`;
  }
  return undefined;
}
