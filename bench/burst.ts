/** `npm run bench burst`: many Ingresses created as fast as the API server accepts them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '../e2e/cluster/cluster.ts';
import type { Cluster } from '../e2e/cluster/cluster.ts';
import type { Pod } from '../e2e/cluster/pod.ts';
import { requestOnce } from '../e2e/client/connection.ts';
import { untilOnlyNewest } from '../e2e/runner/instance.ts';
import { watchGenerations } from '../e2e/runner/generations.ts';
import { requireCapabilities } from './capabilities.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { startFromDisk, writeRunDirectories } from './disk.ts';
import { reload } from './reload.ts';
import type { Measured } from './result.ts';
import { siteFiles, siteHost, siteName } from './sites.ts';
import { size } from './sizes.ts';
import { median } from './statistics.ts';

const CREATES = size('SITES', 1000, 2);
const ROUNDS = size('ROUNDS', 3);
const GIVE_UP = 120_000;
/** Milliseconds between two checks of the sampled hosts. */
const PAUSE = 50;
/**
 * Milliseconds of quiet before reloads are counted: longer than the controller's interval between two reloads.
 */
const QUIET = 4_000;

interface Burst {
  readonly reloads: number;
  /** Seconds that it took to create all objects. */
  readonly creating: number;
  /** Seconds from the last creation until every sampled host answers 200. */
  readonly after: number;
}

/** Requests a host; returns the status of the answer, or how the connection ended. */
async function ask(pod: Pod, host: string): Promise<string> {
  const exchange = await requestOnce({ port: pod.httpPort, host, path: '/' }, 5000);
  return exchange.kind === 'answer' ? String(exchange.answer.status) : exchange.kind;
}

/** An evenly spread sample of the created hosts, including the last one. The burst is over when all of them answer. */
function witnesses(): string[] {
  const step = Math.ceil(CREATES / 50);
  const some = Array.from({ length: Math.ceil(CREATES / step) }, (_, i) => siteHost(i * step));
  return [...some, siteHost(CREATES - 1)];
}

async function create(cluster: Cluster, pod: Pod): Promise<Burst> {
  const generations = watchGenerations(pod.runDir);
  const from = performance.now();
  for (let i = 0; i < CREATES; i += 1) {
    cluster.addSite(siteName(i));
    // The API server runs in this process, and sends its events during these pauses.
    if (i % 20 === 19) await sleep(0);
  }
  const last = performance.now();
  let waiting = witnesses();
  while (waiting.length > 0) {
    if (performance.now() - last > GIVE_UP) throw new Error(`${waiting.join(', ')} not served after ${GIVE_UP} ms`);
    const answers = await Promise.all(waiting.map(async (host) => ask(pod, host)));
    waiting = waiting.filter((_, i) => answers[i] !== '200');
    // The pause leaves the cores to the measured processes.
    if (waiting.length > 0) await sleep(PAUSE);
  }
  const after = performance.now() - last;
  // Old workers, which do not know all hosts, accept connections for about 100 ms after the new workers started.
  await untilOnlyNewest(pod.runDir);
  for (let i = 0; i < CREATES; i += 1) {
    const answer = await ask(pod, siteHost(i));
    if (answer !== '200') throw new Error(`${siteHost(i)} answers ${answer}, although the sampled hosts are served`);
  }
  await sleep(QUIET);
  generations.stop();
  return { reloads: generations.reloads(), creating: (last - from) / 1000, after: after / 1000 };
}

async function oneBurst(scope: Scope): Promise<Burst> {
  const cluster = await startCluster();
  const stop = scope.defer(async () => cluster.dispose());
  const pod = await cluster.startPod();
  await pod.ready(GIVE_UP);
  await sleep(QUIET);
  const burst = await create(cluster, pod);
  await stop();
  return burst;
}

/** How many seconds a reload takes with CREATES server blocks and without Lua: no burst can be served faster. */
async function floor(scope: Scope): Promise<number> {
  const capabilities = await requireCapabilities();
  const { plain } = await writeRunDirectories(scope, siteFiles(CREATES, '127.0.0.1', 9), capabilities, '127.0.0.1:9');
  const nginx = startFromDisk(scope, plain);
  await nginx.ready();
  const rounds: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    rounds.push((await reload(nginx.master, plain.pidPort)).ms / 1000);
    await sleep(300);
  }
  await nginx.stop();
  return median(rounds);
}

async function measure(scope: Scope): Promise<Measured> {
  const least = await floor(scope);
  const bursts: Burst[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    scope.say(`round ${round + 1} of ${ROUNDS}`);
    bursts.push(await oneBurst(scope));
  }
  const after = median(bursts.map((burst) => burst.after));
  const values = {
    reloads: median(bursts.map(({ reloads }) => reloads)),
    'creating s': median(bursts.map(({ creating }) => creating)),
    'after the last create s': after,
  };
  return {
    rounds: ROUNDS,
    sizes: { creates: CREATES },
    figures: [
      { subject: 'Tidegate', values },
      { subject: 'without Lua: one reload of all', values: { reloads: 1, 'after the last create s': least } },
    ],
    ratios: [
      { what: 'reloads', value: values.reloads, aim: 'at most 5' },
      { what: 'time after the last create, s', value: after, aim: 'at most 1' },
      { what: 'time after the last create / one reload without Lua', value: after / least },
    ],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'burst',
    title: 'A burst of new Ingresses',
    about:
      'The controller and NGINX run as in a pod, with the emulated API server. For each host, an Ingress, a Service ' +
      'and an EndpointSlice are created, without a pause. Reloads are counted by the generations of workers. At the ' +
      'end, every host is requested. Figures are medians.',
    minutes: 20,
    measure,
  });
}
