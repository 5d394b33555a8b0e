import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface PortOwner {
  readonly pid: number;
  /** Program name, as `ps` shows it. */
  readonly command: string;
}

/** State of a listening socket in /proc/net/tcp: TCP_LISTEN of the kernel's include/net/tcp_states.h. */
const LISTEN = '0A';

/**
 * Finds the process that listens on a TCP or UDP port of this machine. It reads /proc, because `ss` and `lsof` may not be
 * installed. Returns undefined if there is no listener, or if this process may not read the listener's descriptors.
 */
export function portOwner(port: number, protocol: 'tcp' | 'udp' = 'tcp'): PortOwner | undefined {
  const tables = [`/proc/net/${protocol}`, `/proc/net/${protocol}6`];
  const sockets = new Set(tables.flatMap((table) => listeners(table, port, protocol === 'tcp')));
  if (sockets.size === 0) return undefined;
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && holds(name, sockets));
  return pid === undefined
    ? undefined
    : { pid: Number(pid), command: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() };
}

/** The sockets that are bound to the port, in the notation of the links in /proc/PID/fd. UDP sockets do not listen. */
function listeners(table: string, port: number, listening: boolean): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return lines(table)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) && (!listening || state === LISTEN))
    .map((columns) => `socket:[${columns[9]}]`);
}

function lines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    // Without IPv6, /proc/net/tcp6 does not exist.
    return [];
  }
}

function holds(pid: string, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`)));
  } catch {
    // The process has ended, or this process may not read its descriptors.
    return false;
  }
}
