/**
 * How long an endpoint change takes until every worker serves it: from the manifest, and from the delta alone.
 *
 * Workers are told apart by /proc: a kept connection to each of them, found by the socket it holds. After a change
 * each worker is asked, again and again, until it answers from the new endpoint; the last one counts. The figures
 * include the requests themselves, whose own time is printed beside them.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { startBackends } from '../e2e/backends/start.ts';
import type { Backends } from '../e2e/backends/start.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from '../e2e/behaviour/site.ts';
import type { Connection, Target } from '../e2e/client/connection.ts';
import { takeAddress } from '../e2e/runner/endpoints.ts';
import { connectToEveryWorker } from '../e2e/runner/every-worker.ts';
import { startInstance } from '../e2e/runner/instance.ts';
import type { Instance } from '../e2e/runner/instance.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';
import { callLive, readState } from '../e2e/runner/state.ts';
import { describeLatency } from './statistics.ts';

const SAMPLES = Number(process.env.TIDEGATE_BENCH_SAMPLES ?? 1000);
const SITES = Number(process.env.TIDEGATE_BENCH_SITES ?? 100);
const GIVE_UP = 5000;

async function askedFrom(connection: Connection, target: Target): Promise<string> {
  const exchange = await connection.request(target, GIVE_UP);
  if (exchange.kind !== 'answer') throw new Error(`${exchange.kind}: ${exchange.detail}`);
  return exchange.answer.headers.get('echo-endpoint')?.split(':')[0] ?? String(exchange.answer.status);
}

interface Sample {
  readonly ms: number;
  /** Answers from the old endpoint that were seen meanwhile. */
  readonly stale: number;
}

/** Waits until every worker answers from `address`; `from` is `performance.now()` of the change. */
async function untilEveryWorker(
  workers: readonly Connection[],
  target: Target,
  address: string,
  from: number,
): Promise<Sample> {
  const stale = await Promise.all(
    workers.map(async (connection) => {
      for (let count = 0; performance.now() - from < GIVE_UP; count += 1) {
        if ((await askedFrom(connection, target)) === address) return count;
      }
      throw new Error(`${address} is not served after ${GIVE_UP} ms`);
    }),
  );
  return { ms: performance.now() - from, stale: stale.reduce((sum, count) => sum + count, 0) };
}

async function start(backends: Backends): Promise<Instance> {
  const files: Record<string, KubernetesObject[]> = {};
  for (let i = 0; i < SITES; i += 1) {
    files[`ingress-${i}.yaml`] = [ingressOf(`b${i}`)];
    files[`pods-${i}.yaml`] = podsOf(`b${i}`, takeAddresses(1), backends.ports.http);
  }
  return startInstance(files);
}

/** Connections are renewed before NGINX's limit of 1,000 requests on one. */
async function measure(
  instance: Instance,
  change: (site: number, address: string) => Promise<number>,
): Promise<{ samples: Sample[]; own: number[] }> {
  const samples: Sample[] = [];
  const own: number[] = [];
  while (samples.length < SAMPLES) {
    const first = { port: instance.httpPort, host: hostOf('b0'), path: '/' };
    const workers = [...(await connectToEveryWorker(instance.runDir, first)).values()];
    let asked = 0;
    while (samples.length < SAMPLES && asked < 700 && workers.every(({ closed }) => !closed)) {
      const site = samples.length % SITES;
      const target = { ...first, host: hostOf(`b${site}`) };
      const before = performance.now();
      await Promise.all(workers.map((connection) => askedFrom(connection, target)));
      own.push(performance.now() - before);
      const address = takeAddress();
      const sample = await untilEveryWorker(workers, target, address, await change(site, address));
      samples.push(sample);
      asked += 2 + sample.stale;
    }
    for (const connection of workers) connection.close();
  }
  return { samples, own };
}

function print(what: string, { samples, own }: { samples: Sample[]; own: number[] }): void {
  const stale = samples.filter((sample) => sample.stale > 0).length;
  process.stdout.write(
    `${describeLatency(
      what,
      samples.map(({ ms }) => ms),
    )}\n`,
  );
  process.stdout.write(
    `  ${describeLatency('of it the requests themselves', own)}; an old answer was seen in ${stale}\n`,
  );
}

async function main(): Promise<void> {
  const backends = await startBackends();
  const instance = await start(backends);
  try {
    const fromFile = await measure(instance, async (site, address) => {
      const objects = podsOf(`b${site}`, [address], backends.ports.http);
      const from = performance.now();
      instance.write(`pods-${site}.yaml`, objects);
      return from;
    });
    print('manifest written → served by every worker', fromFile);
    // The controller is the only writer of the live data; ours come after it has gone.
    await instance.end('SIGKILL');
    let { revision } = await readState(instance.runDir);
    const fromDelta = await measure(instance, async (site, address) => {
      const key = `b:${NAMESPACE}/b${site}/80`;
      const value = JSON.stringify({ endpoints: [[address, backends.ports.http, 1]] });
      const end = `end ${revision + 1} ${randomBytes(16).toString('hex')}`;
      const from = performance.now();
      const answer = await callLive(
        instance.runDir,
        'POST',
        '/v1/delta',
        `begin ${revision}\nset ${key} ${value}\n${end}\n`,
      );
      if (answer.status !== 200) throw new Error(`delta refused: ${answer.status} ${answer.text}`);
      revision += 1;
      return from;
    });
    print('delta sent → served by every worker', fromDelta);
  } finally {
    await instance.dispose();
    await backends.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
