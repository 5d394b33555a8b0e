/** Makes the cluster IP of a Service reachable on this machine, as kube-proxy does on a node. */
import type { V1Service } from '@kubernetes/client-node';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import type { Kubectl } from '../apiserver/kubectl.ts';

/**
 * Adds the cluster IP of a Service to the loopback interface, and returns it. Needs root and a separate network
 * namespace.
 */
export async function addClusterIp(kubectl: Kubectl, namespace: string, service: string): Promise<string> {
  const answer = await kubectl.run(['get', 'service', '--namespace', namespace, service, '-o', 'json']);
  const address = (JSON.parse(answer) as V1Service).spec?.clusterIP ?? '';
  const added = spawnSync('ip', ['address', 'add', `${address}/32`, 'dev', 'lo'], { encoding: 'utf8' });
  if (added.status !== 0 && !/exists|assigned/.test(added.stderr)) throw new Error(added.stderr);
  return address;
}

export interface ServiceProxy {
  /** Port of an endpoint → how many connections it has received. */
  readonly connections: ReadonlyMap<number, number>;
  /**
   * Sets the ports on 127.0.0.1 that are ready, and cuts all connections. If no port is ready, connections are reset.
   */
  set(ports: readonly number[]): void;
  stop(): Promise<void>;
}

/** Forwards connections to port 443 of the Service to its endpoints in turn. */
export async function startServiceProxy(kubectl: Kubectl, namespace: string, service: string): Promise<ServiceProxy> {
  const address = await addClusterIp(kubectl, namespace, service);
  const connections = new Map<number, number>();
  const clients = new Set<Socket>();
  let endpoints: readonly number[] = [];
  let turn = 0;
  const server = createServer((client) => {
    const port = endpoints[(turn += 1) % Math.max(1, endpoints.length)];
    if (port === undefined) {
      client.resetAndDestroy();
      return;
    }
    connections.set(port, (connections.get(port) ?? 0) + 1);
    const endpoint = connect({ port, host: '127.0.0.1' });
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.pipe(endpoint).pipe(client);
    client.on('error', () => endpoint.destroy()).on('close', () => endpoint.destroy());
    endpoint.on('error', () => client.resetAndDestroy()).on('close', () => client.destroySoon());
  });
  server.listen(443, address);
  await once(server, 'listening');
  return {
    connections,
    set(ports) {
      endpoints = ports;
      for (const client of clients) client.resetAndDestroy();
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const client of clients) client.resetAndDestroy();
      await closed;
    },
  };
}
