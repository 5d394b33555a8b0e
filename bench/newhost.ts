/** `npm run bench newhost`: time from a new Ingress until every worker serves its host. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ingressOf } from '../e2e/behaviour/site.ts';
import { requireCapabilities } from './capabilities.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { converge, hasStatus } from './converge.ts';
import type { Convergence } from './converge.ts';
import { startFromDisk, writeRunDirectories } from './disk.ts';
import type { RunDirectory } from './disk.ts';
import { backendConf, startPlain } from './nginx.ts';
import type { Figure, Measured } from './result.ts';
import { interleave } from './rounds.ts';
import { siteFiles, siteHost, siteName, startSites } from './sites.ts';
import { size } from './sizes.ts';
import { latencyFigures, median } from './statistics.ts';

const BLOCKS = size('SITES', 1000);
const SAMPLES = size('SAMPLES', 20);
/**
 * Milliseconds between two samples. The controller leaves 1.5 s between reloads, and no sample should have to wait.
 */
const SPACING = 1700;

/** Adds a server block to an NGINX without a controller, and sends SIGHUP. */
async function addBlock(master: number, { path, httpPort }: RunDirectory, host: string): Promise<Convergence> {
  const file = join(path, 'conf', 'nginx.conf');
  const block = `server { listen ${httpPort}; server_name ${host}; return 204; }\n}\n`;
  const conf = readFileSync(file, 'utf8').replace(/}\s*$/, block);
  const from = performance.now();
  writeFileSync(file, conf);
  process.kill(master, 'SIGHUP');
  return converge(from, { port: httpPort, host, path: '/' }, hasStatus(204));
}

async function measure(scope: Scope): Promise<Measured> {
  const capabilities = await requireCapabilities();
  const backend = await startPlain((port) => backendConf(port));
  scope.defer(async () => backend.stop());
  const files = siteFiles(BLOCKS, '127.0.0.1', backend.port, { 'worker-processes': '2' });
  const { plain } = await writeRunDirectories(scope, files, capabilities, `127.0.0.1:${backend.port}`);
  const floor = startFromDisk(scope, plain);
  await floor.ready();
  const instance = await startSites(scope, files);
  await sleep(SPACING);
  const rounds = await interleave<Convergence>(SAMPLES, {
    Tidegate: async (round) => {
      const host = siteHost(BLOCKS + round);
      const from = performance.now();
      // Only the Ingress is new; its Service already exists.
      instance.write(`new-${round}.yaml`, [ingressOf(siteName(BLOCKS + round), siteName(0))]);
      const convergence = await converge(from, { port: instance.httpPort, host, path: '/' }, hasStatus(200));
      await sleep(SPACING);
      return convergence;
    },
    'without Lua': async (round) => addBlock(floor.master, plain, siteHost(BLOCKS + round)),
  });
  const names = { Tidegate: 'Tidegate: Ingress written', 'without Lua': 'without Lua: block added, SIGHUP' } as const;
  const figures = Object.entries(rounds).flatMap(([name, samples]): Figure[] => {
    const what = names[name as keyof typeof names];
    return [
      { subject: `${what} → first worker`, values: latencyFigures(samples.map(({ first }) => first)) },
      { subject: `${what} → every worker`, values: latencyFigures(samples.map(({ all }) => all)) },
    ];
  });
  const all = (name: keyof typeof names) => median((rounds[name] ?? []).map((sample) => sample.all));
  return {
    rounds: SAMPLES,
    sizes: { blocks: BLOCKS },
    figures,
    ratios: [{ what: 'every worker, p50: Tidegate / without Lua', value: all('Tidegate') / all('without Lua') }],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'newhost',
    title: 'From a new Ingress to every worker',
    about:
      'New connections request the new host without a pause. "First worker" is the time of the first answer from the ' +
      'new host, "every worker" the time of the last answer that did not come from the new host. The changes are 1.7 ' +
      's apart, so that none has to wait for the minimum time between two reloads.',
    minutes: 20,
    measure,
  });
}
