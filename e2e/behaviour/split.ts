/** How many of many requests each Service of a site answers. */
import { openConnection } from '../client/connection.ts';
import type { Connection } from '../client/connection.ts';
import type { Instance } from '../runner/instance.ts';
import { hostOf } from './site.ts';

const LANES = 8;

/** Sends requests for `/` of a site on keepalive connections; returns address of the pod → how many it answered. */
export async function split(instance: Instance, site: string, requests: number): Promise<Map<string, number>> {
  const answered = new Map<string, number>();
  let left = requests;
  async function lane(): Promise<void> {
    const target = { port: instance.httpPort, host: hostOf(site), path: '/' };
    let connection: Connection | undefined;
    while (left > 0) {
      left -= 1;
      if (connection === undefined || connection.closed) connection = openConnection(target, true);
      const exchange = await connection.request(target, 10_000);
      if (exchange.kind !== 'answer' || exchange.answer.status !== 200)
        throw new Error(exchange.kind === 'answer' ? `status ${exchange.answer.status}` : exchange.detail);
      const pod = exchange.answer.headers.get('echo-endpoint')?.split(':')[0] ?? '';
      answered.set(pod, (answered.get(pod) ?? 0) + 1);
    }
    connection?.close();
  }
  await Promise.all(Array.from({ length: LANES }, lane));
  return answered;
}

/**
 * The tolerance, as a fraction of all requests, for the share of something that is drawn with this probability: five
 * standard deviations, which chance exceeds once in 1.7 million times.
 */
export function tolerance(probability: number, requests: number): number {
  return 5 * Math.sqrt((probability * (1 - probability)) / requests);
}
