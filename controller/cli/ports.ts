import { createSocket } from 'node:dgram';
import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { type PortOwner, portOwner } from './port-owner.ts';

/** Tests whether a TCP port can be bound on all addresses. Returns the error code if it cannot. */
function bindError(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function described(owner: PortOwner | undefined): string {
  return owner === undefined ? 'another process' : `${owner.command} (pid ${owner.pid})`;
}

/**
 * Whether a process is a worker of this run directory that outlived its master. It is recognized by descriptor 8, which
 * nginx/start.sh opens. Starting NGINX stops such workers.
 */
function isOrphan(pid: number, runDir: string): boolean {
  try {
    const [held, marker] = [statSync(`/proc/${pid}/fd/8`), statSync(path.join(runDir, 'run/marker'))];
    return held.ino === marker.ino && held.dev === marker.dev;
  } catch {
    return false;
  }
}

/**
 * Returns why a port cannot be used, with the process that uses it and the flag that chooses another port; or undefined
 * if all ports can be used. Workers that a former NGINX left behind in this run directory do not count. `ports` maps
 * flags to ports.
 */
export async function takenPort(ports: Readonly<Record<string, number>>, runDir: string): Promise<string | undefined> {
  for (const [flag, port] of Object.entries(ports)) {
    const code = await bindError(port);
    if (code === undefined) continue;
    if (code !== 'EADDRINUSE') return `port ${port} cannot be used (${code}); choose another with ${flag}`;
    const owner = portOwner(port);
    if (owner !== undefined && isOrphan(owner.pid, runDir)) continue;
    return `port ${port} is in use by ${described(owner)}; choose another with ${flag}, for example ${flag} ${port + 1000}`;
  }
  return undefined;
}

/** Tests whether a UDP port can be bound on all addresses. Returns the error code if it cannot. */
async function udpError(port: number): Promise<string | undefined> {
  const code = await udpErrorOf('udp6', port);
  // Without IPv6, there is no address that an IPv6 socket can be bound to.
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL' ? udpErrorOf('udp4', port) : code;
}

function udpErrorOf(type: 'udp4' | 'udp6', port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(type);
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      resolve(error.code ?? error.message);
    });
    socket.bind({ port, exclusive: true }, () => socket.close(() => resolve(undefined)));
  });
}

/**
 * Tries to listen on a port (`TCP 5432`). Resolves to the reason why that fails, as the end of a sentence; undefined if
 * it works.
 */
export async function probePort(name: string): Promise<string | undefined> {
  const [protocol, number] = name.split(' ');
  const port = Number(number);
  const code = await (protocol === 'UDP' ? udpError(port) : bindError(port));
  if (code === 'EACCES')
    return 'ports below 1024 need a permission (in a Pod the sysctl net.ipv4.ip_unprivileged_port_start, which the chart sets)';
  if (code !== 'EADDRINUSE') return code;
  return `it is in use by ${described(portOwner(port, protocol === 'UDP' ? 'udp' : 'tcp'))}`;
}
