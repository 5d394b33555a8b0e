/** `npm run bench reload-cost`: which share of the requests is still served while NGINX reloads once a second. */
import { setTimeout as sleep } from 'node:timers/promises';
import { requireCapabilities } from './capabilities.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { startFromDisk, writeRunDirectories } from './disk.ts';
import type { RunDirectory } from './disk.ts';
import { backendConf, startPlain } from './nginx.ts';
import type { Figure, Measured } from './result.ts';
import { interleave } from './rounds.ts';
import { siteFiles, siteHost } from './sites.ts';
import { size } from './sizes.ts';
import { median } from './statistics.ts';
import { runWrk } from './wrk.ts';
import type { WrkRun } from './wrk.ts';

const BLOCKS = size('SITES', 1000);
const ROUNDS = size('ROUNDS', 5);
const SECONDS = size('SECONDS', 6, 2);

interface Target {
  readonly master: number;
  readonly httpPort: number;
}

async function start(scope: Scope, directory: RunDirectory): Promise<Target> {
  const nginx = startFromDisk(scope, directory);
  await nginx.ready();
  return { master: nginx.master, httpPort: directory.httpPort };
}

async function steady({ httpPort }: Target): Promise<WrkRun> {
  const url = `http://127.0.0.1:${httpPort}/`;
  return runWrk({ url, host: siteHost(0), seconds: SECONDS, core: undefined });
}

async function reloading(target: Target): Promise<WrkRun> {
  const over = new AbortController();
  const reloads = (async () => {
    await sleep(500);
    for (let i = 0; i < SECONDS && !over.signal.aborted; i += 1) {
      process.kill(target.master, 'SIGHUP');
      await sleep(1000);
    }
  })();
  try {
    return await steady(target);
  } finally {
    over.abort();
    await reloads;
  }
}

/**
 * The share of requests that a subject still serves: requests per second in each round with reloads, relative to the
 * round without reloads.
 */
function kept(rounds: Readonly<Record<string, readonly WrkRun[]>>, name: string): number {
  const calm = rounds[name] ?? [];
  const busy = rounds[`${name}, a reload a second`] ?? [];
  return median(busy.map(({ perSecond }, i) => perSecond / (calm[i]?.perSecond ?? Number.NaN)));
}

async function measure(scope: Scope): Promise<Measured> {
  const capabilities = await requireCapabilities();
  const backend = await startPlain((port) => backendConf(port));
  scope.defer(async () => backend.stop());
  const files = siteFiles(BLOCKS, '127.0.0.1', backend.port, { 'worker-processes': '2' });
  const { ours, plain } = await writeRunDirectories(scope, files, capabilities, `127.0.0.1:${backend.port}`);
  const [tidegate, other] = [await start(scope, ours), await start(scope, plain)];
  for (const target of [tidegate, other]) {
    const { refused } = await runWrk({ url: `http://127.0.0.1:${target.httpPort}/`, host: siteHost(0), seconds: 1 });
    if (refused > 0) throw new Error(`${refused} answers of status 400 and above before anything was reloaded`);
  }
  const rounds = await interleave<WrkRun>(ROUNDS, {
    Tidegate: async () => steady(tidegate),
    'Tidegate, a reload a second': async () => reloading(tidegate),
    'without Lua': async () => steady(other),
    'without Lua, a reload a second': async () => reloading(other),
  });
  const figures = Object.entries(rounds).map(([subject, runs]): Figure => {
    const refused = runs.reduce((sum, run) => sum + run.refused, 0);
    const socketErrors = runs.reduce((sum, run) => sum + run.socketErrors, 0);
    const perSecond = median(runs.map((run) => run.perSecond));
    return {
      subject,
      values: { 'requests/s': perSecond, 'status ≥ 400': refused, 'keepalive connections closed': socketErrors },
    };
  });
  return {
    rounds: ROUNDS,
    sizes: { blocks: BLOCKS, seconds: SECONDS },
    figures,
    ratios: [
      { what: 'share of requests served by Tidegate', value: kept(rounds, 'Tidegate'), aim: 'at least 0.97' },
      { what: 'share of requests served without Lua', value: kept(rounds, 'without Lua') },
    ],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'reload-cost',
    title: 'Requests while NGINX reloads',
    about:
      'wrk (64 keepalive connections, closed loop) sends requests through NGINX with two workers, with a SIGHUP to the master ' +
      'every second and without, for the generated configuration and for the same server blocks without Lua. Processes are ' +
      'not pinned to cores. No controller takes part, so clients are not informed before NGINX closes their connections.',
    minutes: 20,
    measure,
  });
}
