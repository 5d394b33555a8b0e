/** Many clients with session cookies, which share a few keepalive connections. */
import { openConnection } from '../client/connection.ts';
import type { Connection } from '../client/connection.ts';
import type { Instance } from '../runner/instance.ts';
import { hostOf } from './site.ts';

/** A client. Before its first request, its cookie and its pod are empty. */
export interface Client {
  cookie: string;
  pod: string;
}

const LANES = 16;

export function makeClients(count: number): Client[] {
  return Array.from({ length: count }, () => ({ cookie: '', pod: '' }));
}

/** Runs a task for each item, some of them concurrently. */
async function inLanes<T>(items: readonly T[], task: (item: T, lane: number) => Promise<void>): Promise<void> {
  const queue = items.values();
  const work = async (lane: number): Promise<void> => {
    for (const item of queue) await task(item, lane);
  };
  await Promise.all(Array.from({ length: LANES }, (_, lane) => work(lane)));
}

/**
 * Sends one request of every client to a site. Returns the pod of each client, in the order of the clients, and how
 * many responses set a cookie. A client stores its cookie for the next visit.
 */
export async function visit(
  instance: Pick<Instance, 'httpPort'>,
  site: string,
  clients: readonly Client[],
): Promise<{ pods: string[]; cookies: number }> {
  const connections: Connection[] = [];
  const pods = new Map<Client, string>();
  let cookies = 0;
  await inLanes(clients, async (client, lane) => {
    const headers = client.cookie === '' ? {} : { Cookie: client.cookie };
    const target = { port: instance.httpPort, host: hostOf(site), path: '/', headers };
    const kept = connections[lane];
    const connection = kept === undefined || kept.closed ? openConnection(target, true) : kept;
    connections[lane] = connection;
    const exchange = await connection.request(target, 10_000);
    if (exchange.kind !== 'answer') throw new Error(`${site}: ${exchange.kind}: ${exchange.detail}`);
    const { status, headers: received, setCookies } = exchange.answer;
    if (status !== 200) throw new Error(`${site}: status ${status}`);
    const [cookie] = setCookies;
    if (cookie !== undefined) {
      cookies += 1;
      client.cookie = cookie.split(';')[0] ?? '';
    }
    pods.set(client, received.get('echo-endpoint')?.split(':')[0] ?? '');
  });
  for (const connection of connections) connection.close();
  return { pods: clients.map((client) => pods.get(client) ?? ''), cookies };
}
