/**
 * `npm run bench cold`: time from the start of the processes until the last host answers, for NGINX from disk and for
 * NGINX with the controller.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestOnce } from '../e2e/client/connection.ts';
import { giveToPodUser } from '../e2e/cluster/identity.ts';
import { startPod } from '../e2e/cluster/pod.ts';
import { startInstance } from '../e2e/runner/instance.ts';
import { shippedProgram } from '../e2e/runner/shipped.ts';
import { requireCapabilities } from './capabilities.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { startFromDisk, writeRunDirectories } from './disk.ts';
import type { RunDirectory } from './disk.ts';
import { CONTROLLER_ENV, fill, startApi } from './emulated.ts';
import { backendConf, startPlain } from './nginx.ts';
import type { Figure, Measured, Ratio } from './result.ts';
import { interleave } from './rounds.ts';
import { siteFiles, siteHost } from './sites.ts';
import { size, sizes } from './sizes.ts';
import { median } from './statistics.ts';

const HOSTS = sizes('SITES', [1000, 5000, 10_000], 2);
const ROUNDS = size('ROUNDS', 3);
const GIVE_UP = 300_000;

/** Milliseconds from `from` until a host answers 200. */
async function untilServed(httpPort: number, host: string, from: number): Promise<number> {
  while (performance.now() - from < GIVE_UP) {
    const exchange = await requestOnce({ port: httpPort, host, path: '/' }, 1000);
    if (exchange.kind === 'answer' && exchange.answer.status === 200) return performance.now() - from;
    await sleep(2);
  }
  throw new Error(`${host} did not answer 200 within ${GIVE_UP} ms`);
}

/** Waits until hosts all over the list answer as well, in case the last host was served before others. */
async function checkOthers(httpPort: number, hosts: number): Promise<void> {
  for (let host = 0; host < hosts; host += Math.ceil(hosts / 20)) {
    await untilServed(httpPort, siteHost(host), performance.now());
  }
}

async function fromDisk(scope: Scope, directory: RunDirectory, hosts: number): Promise<number> {
  const from = performance.now();
  const nginx = startFromDisk(scope, directory);
  const ms = await untilServed(directory.httpPort, siteHost(hosts - 1), from);
  await checkOthers(directory.httpPort, hosts);
  await nginx.stop();
  return ms;
}

async function withController(scope: Scope, port: number, hosts: number): Promise<number> {
  const files = siteFiles(hosts, '127.0.0.1', port);
  const instance = await startInstance(files, { start: false, readyWithin: GIVE_UP });
  scope.defer(async () => instance.dispose());
  const from = performance.now();
  const [ms] = await Promise.all([untilServed(instance.httpPort, siteHost(hosts - 1), from), instance.start()]);
  await checkOthers(instance.httpPort, hosts);
  await instance.dispose();
  return ms;
}

/** Milliseconds for the bundled controller and NGINX as in a pod, with the API server in a separate process. */
async function inCluster(scope: Scope, port: number, hosts: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-bench-'));
  scope.defer(() => rmSync(folder, { recursive: true, force: true }));
  giveToPodUser(folder);
  const kubeconfig = join(folder, 'kubeconfig');
  const api = await startApi(kubeconfig);
  const stop = scope.defer(async () => api.stop());
  await fill(api, hosts, () => ['127.0.0.1'], port);
  const from = performance.now();
  const pod = await startPod({ kubeconfig, env: CONTROLLER_ENV });
  const dispose = scope.defer(async () => pod.dispose());
  await pod.ready(GIVE_UP);
  const ms = await untilServed(pod.httpPort, siteHost(hosts - 1), from);
  await checkOthers(pod.httpPort, hosts);
  await dispose();
  await stop();
  return ms;
}

const SUBJECTS = {
  plain: 'NGINX without Lua, from disk',
  disk: 'NGINX from disk',
  cluster: 'controller and NGINX, in a cluster',
  whole: 'controller and NGINX, manifests',
};
type Subject = keyof typeof SUBJECTS;

async function measureHosts(scope: Scope, port: number, hosts: number): Promise<Record<Subject, number>> {
  scope.say(`${hosts} hosts`);
  const capabilities = await requireCapabilities();
  const files = siteFiles(hosts, '127.0.0.1', port);
  const directories = await writeRunDirectories(scope, files, capabilities, `127.0.0.1:${port}`);
  const rounds = await interleave(ROUNDS, {
    plain: async () => fromDisk(scope, directories.plain, hosts),
    disk: async () => fromDisk(scope, directories.ours, hosts),
    cluster: async () => inCluster(scope, port, hosts),
    whole: async () => withController(scope, port, hosts),
  });
  const figure = (subject: Subject) => median(rounds[subject] ?? []) / 1000;
  return { plain: figure('plain'), disk: figure('disk'), cluster: figure('cluster'), whole: figure('whole') };
}

async function measure(scope: Scope): Promise<Measured> {
  await shippedProgram();
  const backend = await startPlain((port) => backendConf(port));
  scope.defer(async () => backend.stop());
  const figures: Figure[] = [];
  const ratios: Ratio[] = [];
  const aims: Readonly<Record<number, string>> = {
    1000: 'at most 0.8 s',
    5000: 'at most 1.5 s',
    10_000: 'at most 4 s',
  };
  for (const hosts of HOSTS) {
    const seconds = await measureHosts(scope, backend.port, hosts);
    for (const subject of ['plain', 'disk', 'cluster', 'whole'] as const) {
      figures.push({
        subject: `${hosts} hosts: ${SUBJECTS[subject]}`,
        values: { 'last host answers, s': seconds[subject] },
      });
    }
    const aim = aims[hosts];
    ratios.push(
      { what: `${hosts} hosts: NGINX from disk / without Lua`, value: seconds.disk / seconds.plain },
      {
        what: `${hosts} hosts: seconds in a cluster`,
        value: seconds.cluster,
        ...(aim !== undefined && { aim }),
      },
      { what: `${hosts} hosts: in a cluster / without Lua`, value: seconds.cluster / seconds.plain },
    );
  }
  return { rounds: ROUNDS, sizes: { hosts: HOSTS }, figures, ratios };
}

if (import.meta.main) {
  await runBench({
    name: 'cold',
    title: 'From nothing to the last host',
    about:
      'Time from the start of the first process until the last of these hosts answers 200, for NGINX with a run directory ' +
      'that a controller has written, for the same server blocks without Lua, for the controller in a cluster (emulated API ' +
      'server), and for `tidegate up` with manifests. Figures are medians.',
    minutes: 45,
    measure,
  });
}
