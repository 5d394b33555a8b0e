/**
 * `npm run bench endpoint`: time from an endpoint change until every worker uses the new endpoint, at rest and during a
 * reload.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backends } from '../e2e/backends/start.ts';
import { startBackends } from '../e2e/backends/start.ts';
import { ingressOf, podsOf } from '../e2e/behaviour/site.ts';
import { takeAddress } from '../e2e/runner/endpoints.ts';
import { watchGenerations } from '../e2e/runner/generations.ts';
import type { Instance } from '../e2e/runner/instance.ts';
import { requireCapabilities } from './capabilities.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { answeredBy, converge } from './converge.ts';
import { startFromDisk, writeRunDirectories } from './disk.ts';
import { sampleEveryWorker, sampleFresh } from './every-worker.ts';
import type { Change, Samples } from './every-worker.ts';
import type { Figure, Measured, Ratio } from './result.ts';
import { createDeltaWriter, nginxOf, siteFiles, siteHost, siteName, startSites, untilCalm } from './sites.ts';
import { size, sizes } from './sizes.ts';
import { latencyFigures, median, quantile } from './statistics.ts';

const BACKENDS = sizes('SITES', [30, 1000, 10_000]);
const SAMPLES = size('SAMPLES', 500);
const RELOADS = size('ROUNDS', 10);
/** The number of sites that are changed in turn; each of them has manifest files of its own. */
const CHANGED = 100;
/**
 * Milliseconds for which samples continue after new workers were seen: old workers accept connections for about 100 ms
 * after that.
 */
const AFTER_RELOAD = 300;
/**
 * Milliseconds between two reloads. The controller leaves 1.5 s between reloads, and no reload should have to wait.
 */
const SPACING = 1500;
const GIVE_UP = 60_000;
const ADDRESS = '127.1.0.1';

function filesOf(count: number, port: number): ReturnType<typeof siteFiles> {
  const own = Math.min(count, CHANGED);
  const files = siteFiles(count, ADDRESS, port, { 'worker-processes': '2' }, own);
  for (let i = 0; i < own; i += 1) {
    files[`ingress-${i}.yaml`] = [ingressOf(siteName(i))];
    files[`pods-${i}.yaml`] = podsOf(siteName(i), [ADDRESS], port);
  }
  return files;
}

/** Takes samples during RELOADS reloads, each triggered by `reload`. */
async function duringReloads(
  instance: Instance,
  sites: number,
  change: Change,
  reload: (round: number) => void,
): Promise<Samples & { readonly reloads: number }> {
  const all: Samples = { ms: [], own: [], stale: 0 };
  const generations = watchGenerations(instance.runDir);
  for (let round = 0; round < RELOADS; round += 1) {
    const begun = performance.now();
    let seen: number | undefined;
    reload(round);
    const samples = await sampleFresh(instance, sites, change, () => {
      const now = performance.now();
      if (generations.reloads() > round) seen ??= now;
      if (now - begun > GIVE_UP) throw new Error(`no reload was seen within ${GIVE_UP} ms`);
      return seen !== undefined && now - seen > AFTER_RELOAD;
    });
    all.ms.push(...samples.ms);
    all.own.push(...samples.own);
    all.stale += samples.stale;
    await untilCalm(instance.runDir);
    await sleep(SPACING);
  }
  generations.stop();
  return { ...all, reloads: generations.reloads() };
}

/** NGINX without Lua has its endpoints in nginx.conf. Returns the milliseconds that each change with a SIGHUP takes. */
async function withoutLua(scope: Scope, count: number, port: number): Promise<number[]> {
  const capabilities = await requireCapabilities();
  const { plain } = await writeRunDirectories(scope, filesOf(count, port), capabilities, `${ADDRESS}:${port}`);
  const nginx = startFromDisk(scope, plain);
  await nginx.ready();
  const file = join(plain.path, 'conf', 'nginx.conf');
  const samples: number[] = [];
  for (let i = 0; i < RELOADS; i += 1) {
    const address = takeAddress();
    const conf = readFileSync(file, 'utf8').replaceAll(/server 127\.[\d.]+:\d+;/g, `server ${address}:${port};`);
    const from = performance.now();
    writeFileSync(file, conf);
    process.kill(nginx.master, 'SIGHUP');
    const target = { port: plain.httpPort, host: siteHost(0), path: '/' };
    samples.push((await converge(from, target, answeredBy(address))).all);
  }
  await nginx.stop();
  return samples;
}

interface WaySamples extends Samples {
  /** The number of reloads during the samples, counted by generations of workers. */
  readonly reloads?: number;
}
type Way = 'manifest' | 'manifest, during reloads' | 'delta' | 'delta, during reloads';

async function measureTidegate(scope: Scope, count: number, backends: Backends): Promise<Record<Way, WaySamples>> {
  const { http } = backends.ports;
  const instance = await startSites(scope, filesOf(count, http));
  const sites = Math.min(count, CHANGED);
  const write: Change = async (site, address) => {
    const objects = podsOf(siteName(site), [address], http);
    const from = performance.now();
    instance.write(`pods-${site}.yaml`, objects);
    return from;
  };
  await untilCalm(instance.runDir);
  const manifest = await sampleEveryWorker(instance, sites, SAMPLES, write);
  const manifestReloads = await duringReloads(instance, sites, write, (round) => {
    instance.write('more.yaml', [ingressOf(`more-${round}`, siteName(0))]);
  });
  // There must be only one writer of the live data, so the bench writes only after it has ended the controller.
  await untilCalm(instance.runDir);
  await instance.end('SIGKILL');
  const writer = await createDeltaWriter(instance.runDir);
  const send: Change = async (site, address) => {
    const from = performance.now();
    await writer.setBackend(site, [[address, http, 1]]);
    return from;
  };
  const delta = await sampleEveryWorker(instance, sites, SAMPLES, send);
  const { master } = nginxOf(instance.runDir);
  const deltaReloads = await duringReloads(instance, sites, send, () => process.kill(master, 'SIGHUP'));
  await instance.dispose();
  return { manifest, 'manifest, during reloads': manifestReloads, delta, 'delta, during reloads': deltaReloads };
}

async function measure(scope: Scope): Promise<Measured> {
  const backends = await startBackends();
  scope.defer(async () => backends.stop());
  const figures: Figure[] = [];
  const ratios: Ratio[] = [];
  const p50s = new Map<number, number>();
  for (const count of BACKENDS) {
    scope.say(`${count} backends`);
    const ways = await measureTidegate(scope, count, backends);
    for (const [way, { ms, own, stale, reloads = 0 }] of Object.entries(ways)) {
      const asking = { 'requests alone, p50 ms': median(own), 'old answers in': stale, reloads };
      const values = { ...latencyFigures(ms), ...asking };
      figures.push({ subject: `${count} backends: ${way}`, values });
    }
    const floor = await withoutLua(scope, count, backends.ports.http);
    figures.push({ subject: `${count} backends: without Lua, SIGHUP`, values: latencyFigures(floor) });
    const p50 = median(ways.delta.ms);
    p50s.set(count, p50);
    ratios.push(
      { what: `${count} backends: delta / reload without Lua, p50`, value: p50 / median(floor) },
      {
        what: `${count} backends: delta during reloads / at rest, p99`,
        value: quantile(ways['delta, during reloads'].ms, 0.99) / quantile(ways.delta.ms, 0.99),
      },
    );
  }
  const [least, most] = [Math.min(...BACKENDS), Math.max(...BACKENDS)];
  const growth = (p50s.get(most) ?? Number.NaN) / (p50s.get(least) ?? Number.NaN);
  if (most > least)
    ratios.push({ what: `delta, p50: ${most} / ${least} backends`, value: growth, aim: 'at most 1.05' });
  return { rounds: SAMPLES, sizes: { backends: BACKENDS, reloads: RELOADS }, figures, ratios };
}

if (import.meta.main) {
  await runBench({
    name: 'endpoint',
    title: 'From an endpoint change to every worker',
    about:
      'NGINX has two workers. "Manifest" is the time from writing a manifest: the controller notices, reads, builds ' +
      'and sends the change. "Delta" is only the POST to the live API, after the controller has ended. At rest, each ' +
      'worker gets requests over a connection of its own until it answers from the new endpoint; during reloads, ' +
      'four new connections have to answer from the new endpoint. The times include these requests. "Old answers in" ' +
      'is the number of samples with an answer from the old endpoint; after a delta was acknowledged there must be ' +
      'no such answer.',
    minutes: 45,
    measure,
  });
}
