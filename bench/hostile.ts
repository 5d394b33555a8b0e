/** `npm run bench hostile`: how much one tenant's worst objects delay the changes by another tenant. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { startBackends } from '../e2e/backends/start.ts';
import { hostOf, ingressOf, podsOf, takeAddresses } from '../e2e/behaviour/site.ts';
import { issue } from '../e2e/certificates.ts';
import { ingressClass, podObject } from '../e2e/cluster/cluster.ts';
import { giveToPodUser } from '../e2e/cluster/identity.ts';
import { startPod } from '../e2e/cluster/pod.ts';
import { serviceOf, sliceOf } from '../e2e/runner/endpoints.ts';
import { secretOf } from '../e2e/runner/secrets.ts';
import { shippedProgram } from '../e2e/runner/shipped.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { CONTROLLER_ENV, startApi } from './emulated.ts';
import type { Api } from './emulated.ts';
import { ATTACKS } from './hostile-attacks.ts';
import { watchMemory } from './hostile-memory.ts';
import { inNamespace, KINDS, loadSites, neighbour } from './hostile-neighbour.ts';
import { HOSTILE_NAMESPACE } from './hostile-objects.ts';
import type { Figure, Measured } from './result.ts';
import { size } from './sizes.ts';
import { latencyFigures, median } from './statistics.ts';

const SITES = size('SITES', 500, 10);
const SECONDS = size('SECONDS', 60);
/** The number of changes of each kind that the well-behaved tenant makes before the attack. */
const NORMAL = size('SAMPLES', 10);
const START = 120_000;
/** Milliseconds between two attacks. */
const PAUSE = 500;

/** The flags that the chart's values for shared clusters set. */
function sharedClusterFlags(): string[] {
  const file = new URL('../charts/tidegate/values-shared-cluster.yaml', import.meta.url);
  const { isolateNamespaces, hostOwnership, extraArgs } = VALUES.parse(parse(readFileSync(file, 'utf8'))).controller;
  const flags = {
    'isolate-namespaces': String(isolateNamespaces),
    'host-ownership': hostOwnership,
    ...extraArgs,
  };
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}

const VALUES = z.object({
  controller: z.object({
    isolateNamespaces: z.boolean(),
    hostOwnership: z.string(),
    extraArgs: z.record(z.string(), z.string()),
  }),
});

/** Writes the objects of all attacks in turn until `end`; adds the number of written objects to `counted`. */
async function attack(scope: Scope, api: Api, end: number, counted: Map<string, number>): Promise<void> {
  for (let turn = 0; performance.now() < end; turn += 1) {
    for (const { name, objects } of ATTACKS) {
      if (performance.now() >= end) return;
      scope.say(name);
      const all = await objects(turn);
      // A real API server accepts one object at a time; loading all objects at once would make other writers wait.
      for (let from = 0; from < all.length; from += 10) await api.load(all.slice(from, from + 10));
      counted.set(name, (counted.get(name) ?? 0) + all.length);
      await sleep(PAUSE);
    }
  }
}

async function measure(scope: Scope): Promise<Measured> {
  await shippedProgram();
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
  await loadSites(api, SITES, http);
  await api.load([
    ...inNamespace('neighbour', [
      secretOf('secure', await issue([hostOf('secure')])),
      ...podsOf('secure', takeAddresses(1), http),
      ingressOf('secure', 'secure', { tls: 'secure' }),
    ]),
    serviceOf('web', HOSTILE_NAMESPACE, { port: 80 }),
    sliceOf('web', HOSTILE_NAMESPACE, takeAddresses(1), { port: http }),
  ]);
  const pod = await startPod({ kubeconfig, args: sharedClusterFlags(), env: CONTROLLER_ENV });
  scope.defer(async () => pod.dispose());
  await pod.ready(START);
  await sleep(3_000);
  const act = neighbour(api, pod, http, SITES);

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
    notes: [
      `Number of objects written for each kind of hostile input: ${[...written].map(([name, count]) => `${name} (${count})`).join('; ')}.`,
    ],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'hostile',
    title: 'A hostile tenant next door',
    about:
      'The bundled controller and NGINX run as in a pod, with the emulated API server. In one namespace, the worst ' +
      'objects that an API server accepts are written continuously. In another namespace, a host is added, an ' +
      'endpoint changes and a certificate changes, one after the other. "Normal" is before the attack. Memory is the ' +
      'peak; the memory of NGINX is the sum of all its processes, with shared pages counted once.',
    minutes: 25,
    measure,
  });
}
