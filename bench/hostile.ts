/** `npm run bench hostile`: what one tenant's worst objects cost another tenant. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { parse } from 'yaml';
import { z } from 'zod';
import { startBackends } from '../e2e/backends/start.ts';
import { hostOf, ingressOf, podsOf, takeAddresses } from '../e2e/behaviour/site.ts';
import { issue } from '../e2e/certificates.ts';
import { requestOnce } from '../e2e/client/connection.ts';
import { ingressClass, podObject } from '../e2e/cluster/cluster.ts';
import { giveToPodUser } from '../e2e/cluster/identity.ts';
import { startPod } from '../e2e/cluster/pod.ts';
import type { Pod } from '../e2e/cluster/pod.ts';
import { serviceOf, sliceOf } from '../e2e/runner/endpoints.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';
import { masterOf, workersOf } from '../e2e/runner/processes.ts';
import { secretOf } from '../e2e/runner/secrets.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { memoryOf } from './cores.ts';
import { NODE_FLAGS, startApi } from './emulated.ts';
import type { Api } from './emulated.ts';
import { ATTACKS, HOSTILE_NAMESPACE } from './hostile-objects.ts';
import type { Figure, Measured } from './result.ts';
import { siteName } from './sites.ts';
import { size } from './sizes.ts';
import { latencyFigures, median } from './statistics.ts';

const SITES = size('SITES', 500, 10);
const SECONDS = size('SECONDS', 60);
/** Changes of the neighbour before the attack, of each kind. */
const NORMAL = size('SAMPLES', 10);
/** What is not served by then counts as so many milliseconds. */
const GIVE_UP = 60_000;
const START = 120_000;
/** Between two changes of the neighbour: ms. More than the spacing of two reloads. */
const SPACING = 1700;
/** Between two attacks: ms. */
const PAUSE = 500;

const KINDS = ['new host', 'endpoint', 'certificate'] as const;
type Kind = (typeof KINDS)[number];
type Delays = Readonly<Record<Kind, number[]>>;

/** What the chart's values for shared clusters come to. */
function sharedClusterFlags(): string[] {
  const file = new URL('../charts/tidegate/values-shared-cluster.yaml', import.meta.url);
  const { isolateNamespaces, extraArgs } = VALUES.parse(parse(readFileSync(file, 'utf8'))).controller;
  const flags = { 'isolate-namespaces': String(isolateNamespaces), ...extraArgs };
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}

const VALUES = z.object({
  controller: z.object({ isolateNamespaces: z.boolean(), extraArgs: z.record(z.string(), z.string()) }),
});

/** Every tenant has ten of the sites. */
function tenantOf(site: number): string {
  return `tenant-${Math.floor(site / 10)}`;
}

function inNamespace(namespace: string, objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }));
}

/** MiB. */
interface Memory {
  readonly controller: number;
  readonly nginx: number;
}

/** What processes share is counted once; of a process that has just ended, nothing. */
function proportional(pid: number): number {
  try {
    return memoryOf(pid, 'Pss');
  } catch {
    return 0;
  }
}

function memory(pod: Pod): Memory {
  const master = masterOf(pod.runDir)?.pid;
  const pids = master === undefined ? [] : [master, ...workersOf(master).map(({ pid }) => pid)];
  return {
    controller: proportional(pod.controller.pid),
    nginx: pids.reduce((sum, pid) => sum + proportional(pid), 0),
  };
}

/** Asks again and again; milliseconds since `from`, GIVE_UP where it does not come. */
async function since(pod: Pod, from: number, isThere: () => Promise<boolean>): Promise<number> {
  while (performance.now() - from < GIVE_UP) {
    if (await isThere()) return performance.now() - from;
    if (!pod.controller.running())
      throw new Error(['the controller has ended', ...pod.controller.lines.slice(-20)].join('\n'));
    await sleep(5);
  }
  return GIVE_UP;
}

/** Serial number of the certificate that a host presents. */
async function serialOf(pod: Pod, servername: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect({ port: pod.httpsPort, host: '127.0.0.1', servername, rejectUnauthorized: false }, () => {
    resolve(socket.getPeerX509Certificate()?.serialNumber);
    socket.destroy();
  });
  socket.on('error', () => resolve(undefined)).setTimeout(5000, () => socket.destroy(new Error('no handshake')));
  return promise;
}

/** The tenant next door, who goes on as ever. */
function neighbour(api: Api, pod: Pod, port: number) {
  let serial = 0;
  const actions: Record<Kind, () => Promise<number>> = {
    'new host': async () => {
      serial += 1;
      const name = `new${serial}`;
      const pods = podsOf(name, takeAddresses(1), port);
      const from = performance.now();
      await api.load(inNamespace('neighbour', [...pods, ingressOf(name)]));
      return since(pod, from, async () => {
        const exchange = await requestOnce({ port: pod.httpPort, host: hostOf(name), path: '/' });
        return exchange.kind === 'answer' && exchange.answer.status === 200;
      });
    },
    endpoint: async () => {
      serial += 1;
      const name = siteName(serial % SITES);
      const [address = ''] = takeAddresses(1);
      const slices = podsOf(name, [address], port).filter(({ kind }) => kind === 'EndpointSlice');
      const from = performance.now();
      await api.load(inNamespace(tenantOf(serial % SITES), slices));
      return since(pod, from, async () => {
        const exchange = await requestOnce({ port: pod.httpPort, host: hostOf(name), path: '/' });
        return (
          exchange.kind === 'answer' && exchange.answer.headers.get('echo-endpoint')?.startsWith(`${address}:`) === true
        );
      });
    },
    certificate: async () => {
      const pair = await issue([hostOf('secure')]);
      const before = await serialOf(pod, hostOf('secure'));
      const from = performance.now();
      await api.load(inNamespace('neighbour', [secretOf('secure', pair)]));
      return since(pod, from, async () => {
        const now = await serialOf(pod, hostOf('secure'));
        return now !== undefined && now !== before;
      });
    },
  };
  /** All kinds, one after the other, until it is over. */
  return async (isOver: (turn: number) => boolean): Promise<Delays> => {
    const delays: Delays = { 'new host': [], endpoint: [], certificate: [] };
    for (let turn = 0; !isOver(turn); turn += 1) {
      for (const kind of KINDS) delays[kind].push(await actions[kind]());
      await sleep(SPACING);
    }
    return delays;
  };
}

/** Writes attack after attack, all over again; how many objects. */
async function attack(scope: Scope, api: Api, end: number, counted: Map<string, number>): Promise<void> {
  for (let turn = 0; performance.now() < end; turn += 1) {
    for (const { name, objects } of ATTACKS) {
      if (performance.now() >= end) return;
      scope.say(name);
      const all = await objects(turn);
      // An API server takes one object at a time: nobody else's waits for all of them.
      for (let from = 0; from < all.length; from += 10) await api.load(all.slice(from, from + 10));
      counted.set(name, (counted.get(name) ?? 0) + all.length);
      await sleep(PAUSE);
    }
  }
}

async function watchMemory(pod: Pod, isOver: () => boolean): Promise<Memory> {
  let most: Memory = { controller: 0, nginx: 0 };
  while (!isOver()) {
    const now = memory(pod);
    most = {
      controller: Math.max(most.controller, now.controller),
      nginx: Math.max(most.nginx, now.nginx),
    };
    await sleep(250);
  }
  return most;
}

async function measure(scope: Scope): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-bench-'));
  scope.defer(() => rmSync(folder, { recursive: true, force: true }));
  giveToPodUser(folder);
  const kubeconfig = join(folder, 'kubeconfig');
  const backends = await startBackends();
  scope.defer(async () => backends.stop());
  const api = await startApi(kubeconfig);
  scope.defer(async () => api.stop());
  const { http } = backends.ports;
  await api.load([ingressClass(), podObject('tidegate-0')]);
  for (let site = 0; site < SITES; site += 1) {
    const name = siteName(site);
    await api.load(inNamespace(tenantOf(site), [ingressOf(name), ...podsOf(name, takeAddresses(2), http)]));
  }
  await api.load([
    ...inNamespace('neighbour', [
      secretOf('secure', await issue([hostOf('secure')])),
      ...podsOf('secure', takeAddresses(1), http),
      ingressOf('secure', 'secure', { tls: 'secure' }),
    ]),
    serviceOf('web', HOSTILE_NAMESPACE, { port: 80 }),
    sliceOf('web', HOSTILE_NAMESPACE, takeAddresses(1), { port: http }),
  ]);
  const pod = await startPod({ kubeconfig, args: sharedClusterFlags(), env: { NODE_OPTIONS: NODE_FLAGS } });
  scope.defer(async () => pod.dispose());
  await pod.ready(START);
  await sleep(3_000);
  const act = neighbour(api, pod, http);

  scope.say('normal');
  let over = false;
  const normalMemory = watchMemory(pod, () => over);
  const normal = await act((turn) => turn >= NORMAL);
  over = true;
  const before = await normalMemory;

  scope.say(`hostile, ${SECONDS} s`);
  const end = performance.now() + SECONDS * 1000;
  const written = new Map<string, number>();
  let calm = false;
  const hostileMemory = watchMemory(pod, () => calm);
  const [hostile] = await Promise.all([act(() => performance.now() > end), attack(scope, api, end, written)]);
  calm = true;
  const during = await hostileMemory;

  scope.say('afterwards');
  const after = await act((turn) => turn >= 3);
  const figures: Figure[] = KINDS.flatMap((kind) => [
    { subject: `${kind}, normal`, values: latencyFigures(normal[kind]) },
    { subject: `${kind}, hostile`, values: latencyFigures(hostile[kind]) },
    { subject: `${kind}, afterwards`, values: latencyFigures(after[kind]) },
  ]);
  figures.push(
    { subject: 'memory, normal', values: { 'controller MiB': before.controller, 'NGINX MiB': before.nginx } },
    { subject: 'memory, hostile', values: { 'controller MiB': during.controller, 'NGINX MiB': during.nginx } },
  );
  return {
    rounds: NORMAL,
    sizes: { sites: SITES, seconds: SECONDS },
    figures,
    ratios: [
      ...KINDS.map((kind) => ({
        what: `${kind}, p50: hostile / normal`,
        value: median(hostile[kind]) / median(normal[kind]),
        aim: 'at most 2',
      })),
      {
        what: "controller's memory: hostile / normal",
        value: during.controller / before.controller,
        aim: 'at most 1.5',
      },
      { what: "NGINX's memory: hostile / normal", value: during.nginx / before.nginx, aim: 'at most 1.5' },
    ],
    notes: [`Objects written: ${[...written].map(([name, count]) => `${name} ${count}`).join('; ')}.`],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'hostile',
    title: 'A hostile tenant next door',
    about:
      'The controller and NGINX as in a pod, against the emulated API server. One namespace writes the worst objects that ' +
      'an API server accepts, without end; in another a host, an endpoint and a certificate change one after the other, ' +
      'as before. Memory is the most that was seen; that of NGINX is of all its processes, shared pages counted once.',
    minutes: 25,
    measure,
  });
}
