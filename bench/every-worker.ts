/**
 * Measures the time from an endpoint change until every worker uses the new endpoint. The bench holds a keepalive
 * connection to each worker; /proc shows which worker has accepted a connection. After a change, each worker is polled
 * until it answers from the new endpoint; the last worker determines the time.
 */
import type { Connection, Target } from '../e2e/client/connection.ts';
import { requestOnce } from '../e2e/client/connection.ts';
import { takeAddress } from '../e2e/runner/endpoints.ts';
import { connectToEveryWorker } from '../e2e/runner/every-worker.ts';
import type { Instance } from '../e2e/runner/instance.ts';
import { answeredBy } from './converge.ts';
import { siteHost } from './sites.ts';

/** Replaces the endpoints of a site with `address`; resolves with `performance.now()` before the change. */
export type Change = (site: number, address: string) => Promise<number>;

export interface Samples {
  /** Milliseconds of each sample. */
  readonly ms: number[];
  /** Milliseconds that the polling requests take without a change. */
  readonly own: number[];
  /** Samples in which an answer from the old endpoint was seen. */
  stale: number;
}

const GIVE_UP = 20_000;

async function askedFrom(connection: Connection, target: Target): Promise<string> {
  const exchange = await connection.request(target, GIVE_UP);
  if (exchange.kind !== 'answer') throw new Error(`${exchange.kind}: ${exchange.detail}`);
  return exchange.answer.headers.get('echo-endpoint')?.split(':')[0] ?? String(exchange.answer.status);
}

/** Polls until every worker answers from `address`; returns the number of answers from other addresses before that. */
async function untilEveryWorker(
  workers: readonly Connection[],
  target: Target,
  address: string,
  from: number,
): Promise<number> {
  const stale = await Promise.all(
    workers.map(async (connection) => {
      for (let count = 0; performance.now() - from < GIVE_UP; count += 1) {
        if ((await askedFrom(connection, target)) === address) return count;
      }
      throw new Error(`${address} is not served after ${GIVE_UP} ms`);
    }),
  );
  return stale.reduce((sum, count) => sum + count, 0);
}

/**
 * Takes samples that change the first `sites` sites in turn. Connections are replaced before they reach NGINX's limit
 * of 1,000 requests per connection.
 */
export async function sampleEveryWorker(
  instance: Instance,
  sites: number,
  count: number,
  change: Change,
): Promise<Samples> {
  const samples: Samples = { ms: [], own: [], stale: 0 };
  while (samples.ms.length < count) {
    const first = { port: instance.httpPort, host: siteHost(0), path: '/' };
    const workers = [...(await connectToEveryWorker(instance.runDir, first)).values()];
    let asked = 0;
    while (samples.ms.length < count && asked < 700 && workers.every(({ closed }) => !closed)) {
      const site = samples.ms.length % sites;
      const target = { ...first, host: siteHost(site) };
      const before = performance.now();
      await Promise.all(workers.map((connection) => askedFrom(connection, target)));
      samples.own.push(performance.now() - before);
      const address = takeAddress();
      const from = await change(site, address);
      const stale = await untilEveryWorker(workers, target, address, from);
      samples.ms.push(performance.now() - from);
      if (stale > 0) samples.stale += 1;
      asked += 2 + stale;
    }
    for (const connection of workers) connection.close();
  }
  return samples;
}

/** The number of simultaneous requests, each on a new connection; the new endpoint must answer all of them. */
const FRESH = 4;

/**
 * Takes samples while workers are being replaced, with new connections, which old and new workers accept. Continues
 * until `isOver` returns true.
 */
export async function sampleFresh(
  instance: Instance,
  sites: number,
  change: Change,
  isOver: () => boolean,
): Promise<Samples> {
  const samples: Samples = { ms: [], own: [], stale: 0 };
  while (!isOver()) {
    const site = samples.ms.length % sites;
    const target = { port: instance.httpPort, host: siteHost(site), path: '/' };
    const ask = async () => Promise.all(Array.from({ length: FRESH }, async () => requestOnce(target, GIVE_UP)));
    const before = performance.now();
    await ask();
    samples.own.push(performance.now() - before);
    const address = takeAddress();
    const from = await change(site, address);
    let stale = 0;
    while (!(await ask()).every(answeredBy(address))) {
      if (performance.now() - from > GIVE_UP) throw new Error(`${address} is not served after ${GIVE_UP} ms`);
      stale += 1;
    }
    samples.ms.push(performance.now() - from);
    if (stale > 0) samples.stale += 1;
  }
  return samples;
}
