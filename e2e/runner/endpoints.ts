/**
 * Services and their EndpointSlices, whose addresses the echo server answers. Each endpoint has its own loopback
 * address.
 */
import type { Backends } from '../backends/start.ts';
import type { KubernetesObject } from './object.ts';
import type { ServiceSpec } from './scenario.ts';

export interface Endpoint {
  readonly service: string;
  readonly address: string;
  readonly port: number;
}

/** A port that nothing listens on. */
const DEAD_PORT = 9;

let next = 0;

/** Returns a loopback address that this process has not used before: 127.1.0.1, then 127.1.0.2, and so on. */
export function takeAddress(): string {
  next += 1;
  return `127.${1 + Math.floor(next / 64_000)}.${Math.floor(next / 250) % 256}.${1 + (next % 250)}`;
}

/** An EndpointSlice of ready endpoints. */
export function sliceOf(
  service: string,
  namespace: string,
  addresses: readonly string[],
  port: { readonly name?: string; readonly port: number },
): KubernetesObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${service}-1`, namespace, labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({
      addresses: [address],
      conditions: { ready: true, serving: true, terminating: false },
    })),
    ports: [{ ...port, protocol: 'TCP' }],
  };
}

/** A Service with one port; without `clusterIP`, it has no address of its own. */
export function serviceOf(
  name: string,
  namespace: string,
  port: { name?: string; port: number },
  clusterIP?: string,
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: {
      selector: { app: name },
      ports: [{ ...port, protocol: 'TCP', targetPort: 8080 }],
      ...(clusterIP !== undefined && { clusterIP }),
    },
  };
}

/** The objects for the `endpoints` of a scenario, and a map from `ip:port` to the endpoint. */
export function writeEndpoints(
  services: Readonly<Record<string, ServiceSpec>>,
  namespace: string,
  backends: Backends,
): { objects: KubernetesObject[]; endpoints: Map<string, Endpoint> } {
  const objects: KubernetesObject[] = [];
  const endpoints = new Map<string, Endpoint>();
  for (const [name, short] of Object.entries(services)) {
    const defaults = { count: 1, protocol: 'http', port: 80, portName: undefined } as const;
    const flags = { clusterIp: false, existing: false };
    const spec = { ...defaults, ...flags, ...(typeof short === 'number' ? { count: short } : short) };
    const ports = { ...backends.ports, dead: DEAD_PORT, silent: backends.silentPort };
    const target = ports[spec.protocol];
    const addresses = Array.from({ length: spec.count }, takeAddress);
    for (const address of addresses) endpoints.set(`${address}:${target}`, { service: name, address, port: target });
    const named = spec.portName === undefined ? {} : { name: spec.portName };
    const own = spec.clusterIp ? takeAddress() : undefined;
    if (own !== undefined) endpoints.set(`${own}:${target}`, { service: `${name} itself`, address: own, port: target });
    const port = own === undefined ? spec.port : target;
    if (!spec.existing) objects.push(serviceOf(name, namespace, { ...named, port }, own));
    objects.push(sliceOf(name, namespace, addresses, { ...named, port: target }));
  }
  return { objects, endpoints };
}
