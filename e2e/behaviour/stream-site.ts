/** What the tests of TCP and UDP services have in common: pods that speak TCP or UDP, their objects, and clients. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { sliceOf } from '../runner/endpoints.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { takeAddresses } from './site.ts';

export const SHOP = 'shop';

/** Flags that name the ConfigMaps of `tcpServices` and `udpServices`. */
export const STREAM_FLAGS = [
  '--tcp-services-configmap',
  `${SHOP}/tcp`,
  '--udp-services-configmap',
  `${SHOP}/udp`,
] as const;

export function tcpServices(data: Readonly<Record<string, string>>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tcp', namespace: SHOP }, data };
}

export function udpServices(data: Readonly<Record<string, string>>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'udp', namespace: SHOP }, data };
}

/** A Service with one port, and the EndpointSlice with these pods. */
export function streamService(
  name: string,
  addresses: readonly string[],
  port: number,
  protocol: 'TCP' | 'UDP' = 'TCP',
): KubernetesObject[] {
  const slice = sliceOf(name, SHOP, addresses, { name: 'main', port });
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: SHOP },
      spec: { ports: [{ name: 'main', port: 5432, protocol }] },
    },
    { ...slice, ports: [{ name: 'main', port, protocol }] },
  ];
}

export interface TcpPods {
  readonly addresses: readonly string[];
  /** Makes a pod close its connections and refuse new ones. */
  stopPod(address: string): Promise<void>;
  stop(): Promise<void>;
}

/** Pods that send their address as the first line of each connection, and then everything that they receive. */
export async function startTcpPods(count: number, port: number): Promise<TcpPods> {
  const addresses = takeAddresses(count);
  const servers = new Map<string, { readonly server: Server; readonly sockets: Set<Socket> }>();
  for (const address of addresses) {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
      socket.write(`${address}\n`);
      socket.pipe(socket);
    }).listen(port, address);
    await once(server, 'listening');
    servers.set(address, { server, sockets });
  }
  const stopPod = async (address: string) => {
    const pod = servers.get(address);
    if (pod === undefined) return;
    servers.delete(address);
    pod.server.close();
    for (const socket of pod.sockets) socket.destroy();
    await once(pod.server, 'close');
  };
  return {
    addresses,
    stopPod,
    stop: async () => {
      for (const address of addresses) await stopPod(address);
    },
  };
}

/** Pods that answer each datagram with their address and the datagram. */
export async function startUdpPods(count: number, port: number): Promise<Pick<TcpPods, 'addresses' | 'stop'>> {
  const addresses = takeAddresses(count);
  const sockets = await Promise.all(
    addresses.map(async (address) => {
      const socket = createSocket('udp4');
      socket.on('message', (data, { address: to, port: at }) => socket.send(`${address} ${data.toString()}`, at, to));
      socket.bind(port, address);
      await once(socket, 'listening');
      return socket;
    }),
  );
  return {
    addresses,
    stop: async () => {
      await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => void socket.close(resolve))));
    },
  };
}

/** Opens a connection, sends `text`, and returns everything that arrives up to and including its echo. */
export async function talk(port: number, text = 'hello', from?: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, ...(from !== undefined && { localAddress: from }) });
  let got = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    got += chunk;
    if (got.includes(text)) socket.end();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    got += `error: ${error.code ?? ''}`;
  });
  socket.write(text);
  const late = setTimeout(() => socket.destroy(new Error('late')), 10_000);
  await new Promise((resolve) => socket.once('close', resolve));
  clearTimeout(late);
  return got;
}

/** The address of the pod that answers a new connection; empty if the connection was closed without an answer. */
export async function podBehind(port: number, from?: string): Promise<string> {
  return (await talk(port, 'hello', from)).split('\n')[0] ?? '';
}

/** Sends a datagram, and returns the answer; undefined after a second without one. */
export async function ask(port: number, text: string): Promise<string | undefined> {
  const socket = createSocket('udp4');
  socket.send(text, port, '127.0.0.1');
  const signal = AbortSignal.timeout(1000);
  const answer = await once(socket, 'message', { signal }).then(
    ([data]) => (data as Buffer).toString(),
    () => undefined,
  );
  socket.close();
  return answer;
}
