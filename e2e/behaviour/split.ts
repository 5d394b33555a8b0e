/** Measures how many requests to a site each of its pods receives. */
import { openConnection } from '../client/connection.ts';
import type { Connection } from '../client/connection.ts';
import type { Instance } from '../runner/instance.ts';
import { hostOf } from './site.ts';

const LANES = 8;

/** Sends requests to a site on keepalive connections. Returns address of a pod → how many requests it received. */
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
 * How much the measured share of requests may differ from their `probability`, as a fraction of all requests. The
 * tolerance is five standard deviations, which a correct choice exceeds once in 1.7 million times.
 */
export function tolerance(probability: number, requests: number): number {
  return 5 * Math.sqrt((probability * (1 - probability)) / requests);
}
