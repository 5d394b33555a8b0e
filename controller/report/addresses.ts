/** Reads and compares lists of addresses for `status.loadBalancer.ingress`. */
import { isIP } from 'node:net';
import type { V1Node, V1Pod, V1Service } from '@kubernetes/client-node';

/** One address. Exactly one of `ip` and `hostname` is set. */
export type StatusAddress = { readonly ip: string } | { readonly hostname: string };

/** The fields of an address in a status that are read here; the API server's type has more. */
export interface PresentAddress {
  readonly ip?: string;
  readonly hostname?: string;
}

const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function ipOrName(text: string): StatusAddress {
  return isIP(text) === 0 ? { hostname: text } : { ip: text };
}

function textOf({ ip = '', hostname = '' }: PresentAddress): string {
  return `${ip}|${hostname}`;
}

/** Sorts the addresses and removes duplicates, so that equal sets give equal lists. */
export function sortedAddresses(addresses: readonly StatusAddress[]): readonly StatusAddress[] {
  const byText = new Map(addresses.map((address) => [textOf(address), address]));
  return [...byText.keys()].sort().flatMap((text) => byText.get(text) ?? []);
}

/** A string for comparing lists regardless of their order; empty for an empty list. */
export function addressesText(addresses: readonly PresentAddress[]): string {
  return addresses.map(textOf).sort().join(',');
}

/** The addresses as text for log lines: `203.0.113.7, lb.example.com`. */
export function addressesForHumans(addresses: readonly PresentAddress[]): string {
  return addresses.map(({ ip, hostname }) => ip ?? hostname ?? '').join(', ');
}

/** Parses `--publish-status-address`: comma-separated IPs and DNS names. `refused` contains the invalid items. */
export function parseStatusAddresses(text: string): {
  readonly addresses: readonly StatusAddress[];
  readonly refused: readonly string[];
} {
  const entries = text.split(',').flatMap((entry) => (entry.trim() === '' ? [] : [entry.trim().toLowerCase()]));
  const accepted = (entry: string) =>
    isIP(entry) !== 0 ? !entry.includes('%') : entry.length <= 253 && DNS_NAME.test(entry) && !/^[\d.]+$/.test(entry);
  return {
    addresses: sortedAddresses(entries.filter(accepted).map(ipOrName)),
    refused: entries.filter((entry) => !accepted(entry)),
  };
}

/**
 * The addresses for `--publish-service`, which depend on the type of the Service as in ingress-nginx. LoadBalancer: the
 * addresses in its status, and the external IPs. NodePort: the external IPs, otherwise the cluster IP. ClusterIP: the
 * cluster IP. ExternalName: the name.
 */
export function addressesOfService(service: V1Service): readonly StatusAddress[] {
  const { type = 'ClusterIP', clusterIP = '', externalIPs = [], externalName = '' } = service.spec ?? {};
  const external = externalIPs.map(ipOrName);
  const cluster = clusterIP === '' || clusterIP === 'None' ? [] : [ipOrName(clusterIP)];
  if (type === 'ExternalName') return externalName === '' ? [] : [{ hostname: externalName }];
  if (type === 'NodePort') return sortedAddresses(external.length > 0 ? external : cluster);
  if (type !== 'LoadBalancer') return cluster;
  return sortedAddresses([...addressesOfBalancer(service), ...external]);
}

function addressesOfBalancer({ status }: V1Service): StatusAddress[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) =>
    [ip, hostname].flatMap((text) => (text === undefined || text === '' ? [] : [ipOrName(text)])),
  );
}

/**
 * The address of a node: the ExternalIP, otherwise the InternalIP. With `internal`, only the InternalIP is considered.
 */
export function addressOfNode(node: V1Node, internal: boolean): StatusAddress | undefined {
  const first = (type: string) => node.status?.addresses?.find((each) => each.type === type && each.address !== '');
  const found = (internal ? undefined : first('ExternalIP')) ?? first('InternalIP');
  return found === undefined ? undefined : ipOrName(found.address);
}

/** Names of the nodes on which a pod is running and ready. */
export function nodesOfPods(pods: readonly V1Pod[]): readonly string[] {
  const serving = pods.filter(
    ({ status }) =>
      status?.phase === 'Running' &&
      status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
  );
  return [...new Set(serving.flatMap(({ spec }) => spec?.nodeName ?? []))].sort();
}
