/** The ports on which NGINX or the controller listens: no TCP or UDP service may use them. */

/**
 * Flags whose ports are reserved for UDP, too: clients use HTTP/3 on the port of HTTPS, and NGINX answers its own
 * questions about endpoints. NGINX may repeat such a question over TCP, so that the port is also reserved for TCP.
 */
const UDP_TOO: ReadonlySet<string> = new Set(['--https-port', '--https-listen-port', '--stream-port']);

/**
 * Flags with their ports → `TCP 8080` with the flag. A port that is 0 or undefined is not reserved. If two flags have
 * the same port, the first one is named.
 */
export function ownPorts(flags: Readonly<Record<string, number | undefined>>): ReadonlyMap<string, string> {
  const named = new Map<string, string>();
  for (const [flag, port = 0] of Object.entries(flags)) {
    if (port === 0) continue;
    for (const protocol of UDP_TOO.has(flag) ? ['TCP', 'UDP'] : ['TCP']) {
      const name = `${protocol} ${port}`;
      if (!named.has(name)) named.set(name, flag);
    }
  }
  return named;
}
