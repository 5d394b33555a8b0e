/** `npm run bench refused`: how much Ingresses that nginx rejects delay valid ones, at a start and at run time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backends } from '../e2e/backends/start.ts';
import { startBackends } from '../e2e/backends/start.ts';
import { ingressOf } from '../e2e/behaviour/site.ts';
import { requestOnce } from '../e2e/client/connection.ts';
import { ingressClass, podObject } from '../e2e/cluster/cluster.ts';
import { giveToPodUser } from '../e2e/cluster/identity.ts';
import { startPod } from '../e2e/cluster/pod.ts';
import { startInstance, type Instance } from '../e2e/runner/instance.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';
import { REFUSED_ANNOTATIONS, refusingTemplates } from '../e2e/runner/refusing-templates.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { CONTROLLER_ENV, startApi } from './emulated.ts';
import type { Api } from './emulated.ts';
import { changes, loadSites } from './hostile-neighbour.ts';
import type { Figure, Measured, Ratio } from './result.ts';
import { interleave } from './rounds.ts';
import { siteFiles, siteHost, siteName } from './sites.ts';
import { size } from './sizes.ts';
import { latencyFigures, median, quantile } from './statistics.ts';

const SITES = size('SITES', 1000);
const REFUSED = size('REFUSED', 200);
const ROUNDS = size('ROUNDS', 3);
const SAMPLES = size('SAMPLES', 10);
const SPACING = 1700;
const GIVE_UP = 60_000;
const ADDRESS = '127.1.0.1';

/** Ingresses that nginx rejects because of the annotations `why`. Each `turn` makes another version of them. */
function refusedSites(
  count: number,
  namespaceOf: (index: number) => string,
  turn = 0,
  why: Readonly<Record<string, string>> = REFUSED_ANNOTATIONS,
): KubernetesObject[] {
  return Array.from({ length: count }, (_, index) => {
    const annotations = { ...why, 'proxy-connect-timeout': String(5 + turn) };
    const ingress = ingressOf(`bad-${index}`, siteName(0), { annotations });
    return { ...ingress, metadata: { ...ingress.metadata, namespace: namespaceOf(index) } };
  });
}

const OF_A_TENANT = (): string => 'tenant';
/** The namespace of the valid Ingresses. */
const SAME_NAMESPACE = (): string => 'sites';
const SPREAD = (index: number): string => `team-${index}`;

/** Milliseconds until 21 hosts, spread evenly from the first to the last, have answered 200. */
async function untilAllServed(instance: Instance, from: number): Promise<number> {
  const hosts = Array.from({ length: 21 }, (_, i) => siteHost(Math.min(SITES - 1, Math.round((i * SITES) / 20))));
  for (const host of hosts) {
    for (;;) {
      const exchange = await requestOnce({ port: instance.httpPort, host, path: '/' }, 1000);
      if (exchange.kind === 'answer' && exchange.answer.status === 200) break;
      if (performance.now() - from > GIVE_UP) return Number.NaN;
      await sleep(5);
    }
  }
  return performance.now() - from;
}

/**
 * Seconds from the start of the controller until all valid hosts are served; NaN if the controller did not become ready
 * in time.
 */
async function coldStart(
  scope: Scope,
  args: readonly string[],
  port: number,
  bad: readonly KubernetesObject[],
): Promise<number> {
  const files = { ...siteFiles(SITES, ADDRESS, port), ...(bad.length > 0 && { 'bad.yaml': [...bad] }) };
  const instance = await startInstance(files, { args, start: false, readyWithin: GIVE_UP });
  scope.defer(async () => instance.dispose());
  const from = performance.now();
  const started = await Promise.race([
    instance.start().then(
      () => true,
      () => false,
    ),
    sleep(GIVE_UP, false),
  ]);
  const ms = started ? await untilAllServed(instance, from) : Number.NaN;
  await instance.dispose();
  scope.say(`cold start with ${bad.length} rejected Ingresses: ${(ms / 1000).toFixed(2)} s`);
  return ms / 1000;
}

interface Running {
  readonly hosts: number[];
  readonly endpoints: number[];
}

/**
 * Runs the controller as in a pod. In each turn, while the objects of `disturb` are written, a new host is added and
 * endpoints change.
 */
async function runTime(
  scope: Scope,
  args: readonly string[],
  port: number,
  disturb: (turn: number) => readonly KubernetesObject[],
): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-bench-'));
  giveToPodUser(folder);
  const kubeconfig = join(folder, 'kubeconfig');
  const api = await startApi(kubeconfig);
  await api.load([ingressClass(), podObject('tidegate-0')]);
  await loadSites(api, SITES, port);
  const pod = await startPod({ kubeconfig, args, env: CONTROLLER_ENV });
  scope.defer(async () => pod.dispose());
  await pod.ready(GIVE_UP);
  await sleep(SPACING);
  const change = changes(api, pod, port, SITES);
  const measured: Running = { hosts: [], endpoints: [] };
  for (let turn = 0; turn < SAMPLES; turn += 1) {
    const written = load(api, disturb(turn));
    const end = performance.now() + SPACING;
    const host = { served: false };
    const served = change['new host']().finally(() => (host.served = true));
    while (!host.served || performance.now() < end) measured.endpoints.push(await change.endpoint());
    measured.hosts.push(await served);
    await written;
    scope.say(`new host: ${measured.hosts.at(-1)?.toFixed(0)} ms`);
  }
  await pod.dispose();
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
  return measured;
}

/**
 * Loads objects in groups of ten. As with a real API server, other tenants' writes then need not wait until all objects
 * are loaded.
 */
async function load(api: Api, objects: readonly KubernetesObject[]): Promise<void> {
  for (let from = 0; from < objects.length; from += 10) await api.load(objects.slice(from, from + 10));
}

function ratios(a: Running, b: Running, what: string, [ofHosts, ofEndpoints]: readonly [string, string]): Ratio[] {
  return [
    { what: `new host, p50: ${what}`, value: median(a.hosts) / median(b.hosts), aim: ofHosts },
    {
      what: `endpoint, p99: ${what}`,
      value: quantile(a.endpoints, 0.99) / quantile(b.endpoints, 0.99),
      aim: ofEndpoints,
    },
  ];
}

async function measure(scope: Scope): Promise<Measured> {
  const templates = refusingTemplates();
  scope.defer(() => templates.dispose());
  const backends: Backends = await startBackends();
  scope.defer(async () => backends.stop());
  const { http } = backends.ports;
  const args = ['--template-dir', templates.folder];

  const starts = await interleave<number>(ROUNDS, {
    'valid Ingresses alone': async () => coldStart(scope, args, http, []),
    'and a dozen rejected ones': async () => coldStart(scope, args, http, refusedSites(12, SAME_NAMESPACE)),
    'and rejected ones, all in one other namespace': async () =>
      coldStart(scope, args, http, refusedSites(REFUSED, OF_A_TENANT)),
    'and rejected ones, in the same namespace': async () =>
      coldStart(scope, args, http, refusedSites(REFUSED, SAME_NAMESPACE)),
    'and rejected ones, each in its own namespace': async () =>
      coldStart(scope, args, http, refusedSites(REFUSED, SPREAD)),
  });
  scope.say('run time');
  const running = {
    normal: await runTime(scope, args, http, () => []),
    'as many valid ones written': await runTime(scope, args, http, (turn) =>
      refusedSites(REFUSED, OF_A_TENANT, turn, {}),
    ),
    'rejected ones written': await runTime(scope, args, http, (turn) => refusedSites(REFUSED, OF_A_TENANT, turn)),
  };

  const figures: Figure[] = [
    ...Object.entries(starts).map(([subject, values]) => ({
      subject: `cold start: ${subject}`,
      values: { 'all valid hosts served, s': median(values) },
    })),
    ...Object.entries(running).flatMap(([subject, { hosts, endpoints }]) => [
      { subject: `${subject}: new host of another namespace`, values: latencyFigures(hosts) },
      { subject: `${subject}: endpoint`, values: latencyFigures(endpoints) },
    ]),
  ];
  const alone = median(starts['valid Ingresses alone'] ?? []);
  const [calm, good, disturbed] = [
    running.normal,
    running['as many valid ones written'],
    running['rejected ones written'],
  ];
  return {
    rounds: ROUNDS,
    sizes: { sites: SITES, refused: REFUSED },
    figures,
    ratios: [
      ...Object.entries(starts)
        .filter(([subject]) => subject !== 'valid Ingresses alone')
        .map(([subject, values]) => ({
          what: `cold start: ${subject} / valid Ingresses alone`,
          value: median(values) / alone,
          aim: 'at most 1.5',
        })),
      ...ratios(disturbed, calm, 'rejected ones written / normal', ['at most 2', 'at most 1.5']),
      ...ratios(disturbed, good, 'rejected / as many valid ones written', ['about 1', 'about 1']),
    ],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'refused',
    title: 'Changes while nginx rejects Ingresses',
    about:
      'Deliberately faulty templates make nginx reject Ingresses that the model accepts. "Cold start" is the time from the ' +
      'start of the controller, with a folder of manifests, until the valid hosts answer 200. At run time, in a pod with the ' +
      'emulated API server, a new host of another namespace is added and endpoints change, observed with new connections, ' +
      'while in each turn all rejected Ingresses, or as many valid ones, are written again.',
    minutes: 30,
    measure,
  });
}
