/** What `tidegate up` prints about TCP and UDP services: their ports, and commands that connect to a few of them. */
import type { Plan } from '../types/plan.ts';
import type { StreamServer } from '../types/stream.ts';

/** How many ports of one protocol are listed. */
const MOST_PORTS = 10;

function serversOf(plan: Plan | undefined): readonly StreamServer[] {
  return plan?.static.streams?.servers ?? [];
}

/** The ports on which NGINX listens: `TCP 5432, 5671; UDP 53`. Empty if there are none. */
export function listedPorts(plan: Plan | undefined): string {
  const lists = (['TCP', 'UDP'] as const).flatMap((protocol) => {
    const ports = serversOf(plan).flatMap((server) => (server.protocol === protocol ? server.port : []));
    const more = ports.length - MOST_PORTS;
    const listed = ports.slice(0, MOST_PORTS).join(', ');
    return ports.length === 0 ? [] : `${protocol} ${listed}${more > 0 ? ` and ${more} more` : ''}`;
  });
  return lists.join('; ');
}

function hasEndpoints({ endpoints }: StreamServer, plan: Plan): boolean {
  const file = plan.streamFiles.get(endpoints);
  return file?.kind === 'endpoints' && (plan.live.backends.get(file.key.slice(2))?.endpoints.length ?? 0) > 0;
}

function command({ protocol, port, certificate }: StreamServer): string {
  if (certificate !== null) return `openssl s_client -connect 127.0.0.1:${port}`;
  return protocol === 'UDP' ? `nc -u 127.0.0.1 ${port}` : `curl telnet://127.0.0.1:${port}`;
}

/**
 * At most `most` commands for services with endpoints. A port that expects the PROXY protocol is left out, because
 * these commands do not send its header.
 */
export function streamLines(plan: Plan | undefined, most = 3): readonly string[] {
  if (plan === undefined) return [];
  const served = serversOf(plan).filter((server) => !server.proxyIn && hasEndpoints(server, plan));
  return served.slice(0, most).map((server) => `${command(server)}  # ${server.service}`);
}
