/**
 * `npm run bench cluster`: a cold start of the bundled controller in a large cluster, with the API server of
 * e2e/apiserver in a separate process. Measures the time until NGINX is ready and until the last host answers, the
 * memory of the controller and the longest blocks of its event loop; then the latency of endpoint changes, and memory
 * and event loop again.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBackends } from '../e2e/backends/start.ts';
import { hostOf, podsOf, takeAddresses } from '../e2e/behaviour/site.ts';
import { requestOnce } from '../e2e/client/connection.ts';
import { giveToPodUser } from '../e2e/cluster/identity.ts';
import { get, startPod } from '../e2e/cluster/pod.ts';
import type { Pod } from '../e2e/cluster/pod.ts';
import { until } from '../e2e/runner/instance.ts';
import { shippedProgram } from '../e2e/runner/shipped.ts';
import { CONTROLLER_ENV, fill, NODE_FLAGS, startApi } from './emulated.ts';
import type { Api } from './emulated.ts';
import { preload } from './event-loop.ts';
import type { Blocks } from './event-loop.ts';
import { describeLatency } from './statistics.ts';

const SITES = Number(process.env['TIDEGATE_BENCH_SITES'] ?? 5000);
const PODS = Number(process.env['TIDEGATE_BENCH_PODS'] ?? 4);
const CHANGES = Number(process.env['TIDEGATE_BENCH_SAMPLES'] ?? 200);
const GIVE_UP = 300_000;
/** A value of /proc/PID/status, in MiB. */
function memory(pid: number, field: 'VmRSS' | 'VmHWM' | 'RssAnon'): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) / 1024;
}

async function endpointOf(pod: Pod, site: string): Promise<string | undefined> {
  const exchange = await requestOnce({ port: pod.httpPort, host: hostOf(site), path: '/' });
  return exchange.kind === 'answer' ? exchange.answer.headers.get('echo-endpoint')?.split(':')[0] : undefined;
}

/** Changes endpoints one after the other; returns the milliseconds from each write until it is served. */
async function change(api: Api, pod: Pod, port: number): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 0; i < CHANGES; i += 1) {
    const site = `b${Math.floor((i * SITES) / CHANGES)}`;
    const [address = ''] = takeAddresses(1);
    const pods = podsOf(site, [address], port).filter(({ kind }) => kind === 'EndpointSlice');
    const from = performance.now();
    await api.load(pods.map((one) => ({ ...one, metadata: { ...one.metadata, namespace: 'sites' } })));
    await until(`${site} follows`, async () => (await endpointOf(pod, site)) === address, 20_000);
    samples.push(performance.now() - from);
  }
  return samples;
}

async function run(): Promise<void> {
  await shippedProgram();
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-bench-'));
  giveToPodUser(folder);
  const loop = join(folder, 'loop');
  const kubeconfig = join(folder, 'kubeconfig');
  const backends = await startBackends();
  const api = await startApi(kubeconfig);
  await fill(api, SITES, () => takeAddresses(PODS), backends.ports.http);
  const recorder = join(folder, 'event-loop.mjs');
  writeFileSync(recorder, preload());
  const env = { ...CONTROLLER_ENV, NODE_OPTIONS: `${NODE_FLAGS} --import=${recorder}`, TIDEGATE_BENCH_LOOP: loop };
  const started = performance.now();
  const seconds = (): string => ((performance.now() - started) / 1000).toFixed(2);
  const pod = await startPod({ kubeconfig, env });
  function report(what: string): void {
    const { pid } = pod.controller;
    const [rss, most, own] = (['VmRSS', 'VmHWM', 'RssAnon'] as const).map((field) => memory(pid, field).toFixed(0));
    console.log(
      `${what}: ${rss} MiB RSS, ${most} MiB at its peak; ${own} MiB of the RSS are private, the rest are mapped files such as Node's program`,
    );
    const { count, longest } = JSON.parse(readFileSync(loop, 'utf8')) as Blocks;
    const texts = longest.map(
      ({ ms, cpuMs, until: end }) => `${cpuMs.toFixed(0)} ms (${ms.toFixed(0)}, at ${end.toFixed(2)} s)`,
    );
    console.log(
      `  blocks of the event loop over 5 ms: ${count}; the longest, in CPU time (wall-clock time, and age of the process at the end):`,
    );
    console.log(`  ${texts.join(', ')}`);
  }
  try {
    console.log(`${SITES} Ingresses, ${SITES} Services, ${SITES * PODS} endpoints`);
    await pod.ready(GIVE_UP);
    console.log(`NGINX ready after ${seconds()} s`);
    const last = `b${SITES - 1}`;
    await until('the last host answers', async () => (await endpointOf(pod, last)) !== undefined, GIVE_UP);
    console.log(`last host answered after ${seconds()} s`);
    await pod.controller.line(/ready/, 0, GIVE_UP);
    await sleep(1_000);
    report('cold start');
    console.log(`requests: ${JSON.stringify(await api.counts())}`);
    const health = await get(pod.healthzPort, '/healthz');
    if (health.status !== 200) console.log(`/healthz answers ${health.status}: ${health.text}`);
    console.log(
      describeLatency('endpoint change, from the write to the API server', await change(api, pod, backends.ports.http)),
    );
    await sleep(500);
    report('after the changes');
  } finally {
    await pod.dispose();
    await api.stop();
    await backends.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) await run();
