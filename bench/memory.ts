/** `npm run bench memory`: whether the memory of a process grows while endpoints and hosts change for a long time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ingressOf, podsOf } from '../e2e/behaviour/site.ts';
import { requestOnce } from '../e2e/client/connection.ts';
import type { Instance } from '../e2e/runner/instance.ts';
import { isDraining } from '../e2e/runner/processes.ts';
import { requireCapabilities } from './capabilities.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { memoryOf } from './cores.ts';
import { startFromDisk, writeRunDirectories } from './disk.ts';
import { backendConf, startPlain } from './nginx.ts';
import { reload } from './reload.ts';
import type { Figure, Measured } from './result.ts';
import { nginxOf, siteFiles, siteHost, siteName, startSites } from './sites.ts';
import { size } from './sizes.ts';
import { slope } from './statistics.ts';

const SITES = size('SITES', 5000, 2);
const MINUTES = size('MINUTES', 30, 0.1);
/** The number of sites that are changed in turn; each of them has manifest files of its own. */
const CHANGED = Math.min(SITES, 100);
const ENDPOINT_CHANGES_A_SECOND = 10;
const REQUESTS_A_SECOND = 20;
const SECONDS_BETWEEN_RELOADS = 10;
const SECONDS_BETWEEN_LOOKS = MINUTES < 5 ? 1 : 5;

const PARTS = ['controller', 'master', 'worker'] as const;
type Part = (typeof PARTS)[number];

/** A sample of memory, in MiB. For the workers, it is the memory of the largest worker that is not shutting down. */
interface Look {
  readonly hours: number;
  readonly rss: Readonly<Record<Part, number>>;
  /** Private memory only: workers share the memory into which the master has read nginx.conf. */
  readonly own: Readonly<Record<Part, number>>;
}

/** The largest value of several processes; processes that have just exited are ignored. */
function largest(pids: readonly number[], field: 'Rss' | 'Private_Dirty'): number {
  const values = pids.map((pid) => {
    try {
      return memoryOf(pid, field);
    } catch {
      return Number.NaN;
    }
  });
  return Math.max(...values.filter(Number.isFinite));
}

function look(instance: Instance, from: number): Look {
  const { master, workers } = nginxOf(instance.runDir);
  const pids: Record<Part, number[]> = {
    controller: [instance.pid],
    master: [master],
    worker: workers.filter((pid) => !isDraining(pid)),
  };
  const all = (field: 'Rss' | 'Private_Dirty') =>
    Object.fromEntries(PARTS.map((part) => [part, largest(pids[part], field)])) as Record<Part, number>;
  return { hours: (performance.now() - from) / 3_600_000, rss: all('Rss'), own: all('Private_Dirty') };
}

/** Calls `act` about `perSecond` times a second until `end`; does not catch up after a delay. */
async function repeat(end: number, perSecond: number, act: (turn: number) => unknown): Promise<void> {
  for (let turn = 0; performance.now() < end; turn += 1) {
    await act(turn);
    await sleep(1000 / perSecond);
  }
}

async function churn(instance: Instance, port: number): Promise<Look[]> {
  const from = performance.now();
  const end = from + MINUTES * 60_000;
  const looks: Look[] = [];
  await Promise.all([
    repeat(end, ENDPOINT_CHANGES_A_SECOND, (turn) => {
      const site = siteName(turn % CHANGED);
      instance.write(`pods-${site}.yaml`, podsOf(site, [`127.0.0.${1 + (turn % 200)}`], port));
    }),
    repeat(end, 1 / SECONDS_BETWEEN_RELOADS, (turn) => {
      instance.write('more.yaml', [ingressOf(`more-${turn}`, siteName(0))]);
    }),
    repeat(end, REQUESTS_A_SECOND, async (turn) => {
      await requestOnce({ port: instance.httpPort, host: siteHost(turn % SITES), path: '/' });
    }),
    repeat(end, 1 / SECONDS_BETWEEN_LOOKS, () => void looks.push(look(instance, from))),
  ]);
  return looks;
}

/**
 * The number of reloads before the baseline is measured: a master process is larger from its first reload on, because
 * it reads the new configuration while the old one is still in memory.
 */
const RELOADS_OF_FLOOR = 3;

/** MiB of a worker without Lua with the same server blocks, after reloads and a request to every twentieth host. */
async function floor(scope: Scope, port: number): Promise<{ rss: number; own: number }> {
  const capabilities = await requireCapabilities();
  const files = siteFiles(SITES, '127.0.0.1', port, { 'worker-processes': '2' });
  const { plain } = await writeRunDirectories(scope, files, capabilities, `127.0.0.1:${port}`);
  const nginx = startFromDisk(scope, plain);
  await nginx.ready();
  for (let i = 0; i < RELOADS_OF_FLOOR; i += 1) {
    await reload(nginx.master, plain.pidPort);
    await sleep(1000);
  }
  for (let i = 0; i < SITES; i += 20) await requestOnce({ port: plain.httpPort, host: siteHost(i), path: '/' });
  const memory = { rss: largest(nginx.workers(), 'Rss'), own: largest(nginx.workers(), 'Private_Dirty') };
  await nginx.stop();
  return memory;
}

async function measure(scope: Scope): Promise<Measured> {
  const backend = await startPlain((port) => backendConf(port, '0.0.0.0'));
  scope.defer(async () => backend.stop());
  const least = await floor(scope, backend.port);
  const files = siteFiles(SITES, '127.0.0.1', backend.port, { 'worker-processes': '2' }, CHANGED);
  for (let i = 0; i < CHANGED; i += 1) {
    const site = siteName(i);
    files[`ingress-${site}.yaml`] = [ingressOf(site)];
    files[`pods-${site}.yaml`] = podsOf(site, ['127.0.0.1'], backend.port);
  }
  const instance = await startSites(scope, files);
  scope.say(`${MINUTES} minutes of changes`);
  const looks = await churn(instance, backend.port);
  // The first half of the samples is warm-up: code is compiled, and heaps reach their size.
  const second = looks.slice(Math.floor(looks.length / 2));
  const last = looks.at(-1);
  const figures = PARTS.map((part): Figure => {
    return {
      subject: part,
      values: {
        'RSS MiB': last?.rss[part] ?? Number.NaN,
        'most MiB': Math.max(...looks.map(({ rss }) => rss[part])),
        'private MiB': last?.own[part] ?? Number.NaN,
        'growth MiB/h': slope(second.map(({ hours, rss }) => [hours, rss[part]] as const)),
      },
    };
  });
  figures.push({
    subject: 'worker without Lua',
    values: { 'RSS MiB': least.rss, 'private MiB': least.own },
  });
  return {
    rounds: looks.length,
    sizes: { sites: SITES, minutes: MINUTES },
    figures,
    ratios: [
      {
        what: 'RSS: worker / worker without Lua',
        value: (last?.rss.worker ?? Number.NaN) / least.rss,
        aim: 'at most 1.2',
      },
      {
        what: 'private memory: worker / worker without Lua',
        value: (last?.own.worker ?? Number.NaN) / least.own,
      },
    ],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'memory',
    title: 'Memory while everything changes',
    about:
      '`tidegate up` with a number of sites: ten endpoint changes a second, a new host (and so a reload) every ten seconds, and ' +
      'twenty requests a second. Growth is the least-squares slope over the second half of the time. A worker runs only ' +
      'until the next reload; the master process runs all the time. Without Lua: the same server blocks, read from disk, ' +
      'after three reloads.',
    minutes: MINUTES + 20,
    measure,
  });
}
