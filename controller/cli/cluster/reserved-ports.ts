/** Addresses of this process's Pod and of the API server: no object of a tenant may make NGINX connect to them. */
import { networkInterfaces } from 'node:os';
import type { ListeningPod } from '../../model/contract/options.ts';
import { API_SERVER_PORTS, type ReservedPorts, withoutBrackets } from '../../types/addresses.ts';
import type { Arguments } from '../flag-values.ts';
import { ownPorts } from '../own-ports.ts';
import { nginxPorts } from '../stages.ts';
import { listenAddress } from '../webhook-flags.ts';
import type { Identity } from './identity.ts';

/** The Pod of this process. `namespace` is empty if it is unknown; other replicas are then not recognized. */
export function ownPodOf(
  flags: Arguments<'controller'>,
  { namespace, pod }: Pick<Identity, 'namespace' | 'pod'>,
): ListeningPod {
  const { httpPort, httpsPort, httpListenPort, httpsListenPort } = flags;
  const innerPorts = Object.values(innerPortsOf(flags));
  const ports = [httpPort, httpsPort, httpListenPort, httpsListenPort, ...innerPorts];
  const addresses = [...new Set([...(pod?.addresses ?? []), ...interfaceAddresses()])];
  return { namespace: namespace ?? '', addresses, ports, innerPorts };
}

/** The ports on which NGINX and the controller listen, each with its flag: no TCP or UDP service may use them. */
export function portsOfFlags(flags: Arguments<'controller'>): ReadonlyMap<string, string> {
  return ownPorts({
    ...nginxPorts(flags),
    '--http-listen-port': flags.httpListenPort,
    '--https-listen-port': flags.httpsListenPort,
    ...innerPortsOf(flags),
    '--inspection-port': flags.inspectionPort,
  });
}

/** The flags with ports of the Pod that no client of its sites uses. */
function innerPortsOf(flags: Arguments<'controller'>): Readonly<Record<string, number>> {
  const webhook = listenAddress(flags.validatingWebhook)?.port;
  return {
    '--status-port': flags.statusPort,
    '--healthz-port': flags.healthzPort,
    ...(webhook !== undefined && { '--validating-webhook': webhook }),
  };
}

/**
 * The addresses of all network interfaces except loopback. They include the Pod's addresses even if the Pod cannot be
 * read, and, with the host network, those of the node.
 */
function interfaceAddresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.flatMap(({ address, internal }) => (internal ? [] : [address.replace(/%.*/, '')]));
}

/**
 * The IP address and port at which the controller itself connects to the API server. A host name in the URL reserves
 * nothing, because only IP addresses are compared.
 */
export function apiServerAt(server: string): readonly ReservedPorts[] {
  const { hostname, port, protocol } = new URL(server);
  const number = port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port);
  return [{ addresses: [withoutBrackets(hostname)], ports: [number], what: API_SERVER_PORTS }];
}
