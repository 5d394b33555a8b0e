/**
 * `npm run bench features`: how much CPU of a worker each feature adds per request, and how much all features together
 * add.
 */
import { argumentsOf } from '../controller/cli/flag-values.ts';
import { measuresOf } from '../controller/cli/metrics-flags.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf } from '../e2e/behaviour/site.ts';
import { issue } from '../e2e/certificates.ts';
import { requestOnce } from '../e2e/client/connection.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';
import { placeIn } from '../e2e/runner/object.ts';
import { secretOf } from '../e2e/runner/secrets.ts';
import { requireCapabilities } from './capabilities.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { startPinned, writeRunDirectories } from './disk.ts';
import type { RunDirectory } from './disk.ts';
import { type Feature, FEATURES, wholeSet } from './feature-list.ts';
import { startOnClientCore } from './nginx.ts';
import type { Measured, Ratio } from './result.ts';
import { interleave } from './rounds.ts';
import { settingsOf } from './sites.ts';
import { size } from './sizes.ts';
import { median } from './statistics.ts';
import { askWorker, cpuFigure } from './worker-cpu.ts';
import type { Round } from './worker-cpu.ts';

const ROUNDS = size('ROUNDS', 5);
const SECONDS = size('SECONDS', 2);
const ENDPOINTS = ['127.0.11.1', '127.0.11.2', '127.0.11.3', '127.0.11.4'];
const CANARY_ENDPOINTS = ['127.0.12.1', '127.0.12.2'];
const PLAIN: Feature = { name: 'plain' };
const PLAIN_TLS: Feature = { name: 'plain-tls', tls: true };
/** A second baseline: its ratio to the first one shows the noise. */
const AGAIN: Feature = { name: 'plain-again' };
const WITHOUT_LUA = 'plain, without Lua';

function objectsOf(feature: Feature, port: number): KubernetesObject[] {
  const { name, annotations = {}, canary, objects = [], path = '/', tls } = feature;
  const options = { path, annotations, ...(tls && { tls: 'web' }) };
  const all = [ingressOf(name, name, options), ...podsOf(name, ENDPOINTS, port), ...objects];
  if (canary === undefined) return all;
  const second = ingressOf(name, `${name}-canary`, { path, annotations: canary });
  const renamed = { ...second, metadata: { ...second.metadata, name: `${name}-canary` } };
  return [...all, renamed, ...podsOf(`${name}-canary`, CANARY_ENDPOINTS, port)];
}

/** Groups features by their settings that apply to the whole nginx.conf; the features of a group share an NGINX. */
function bySettings(features: readonly Feature[]): Feature[][] {
  const groups = new Map<string, Feature[]>();
  for (const feature of features) {
    const key = JSON.stringify([feature.settings ?? {}, feature.metrics ?? false]);
    groups.set(key, [...(groups.get(key) ?? []), feature]);
  }
  return [...groups.values()];
}

/** Lets connections serve many requests, so that requests are measured and not connections. */
function keptConnections(conf: string): string {
  return conf.replaceAll(/keepalive_requests \d+;/g, 'keepalive_requests 100000000;');
}

/** Returns a function that sends requests to a feature's host for the duration of a round. */
async function askerOf(feature: Feature, directory: RunDirectory, worker: number): Promise<Ask> {
  const { name, asked = '/', tls = false, returning } = feature;
  const target = { port: tls ? directory.httpsPort : directory.httpPort, host: hostOf(name), path: asked, tls };
  const first = await requestOnce({ ...target, headers: feature.headers ?? {} }, 5000);
  if (first.kind !== 'answer' || first.answer.status !== 200) {
    const what = first.kind === 'answer' ? `answers ${first.answer.status}` : first.detail;
    throw new Error(`${name}: ${what}`);
  }
  const cookies = first.answer.setCookies.map((cookie) => cookie.split(';')[0]);
  if (returning === true && cookies.length === 0) throw new Error(`${name} sets no cookie`);
  const headers = { ...feature.headers, ...(returning && { Cookie: cookies.join('; ') }) };
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${target.port}${asked}`;
  return async () => askWorker(worker, { url, host: target.host, headers, seconds: SECONDS });
}

/** A round of a feature, and a round of its baseline directly before or after it. */
interface Pair {
  readonly own: Round;
  readonly base: Round;
}

type Ask = () => Promise<Round>;

/**
 * Runs a round of a feature and a round of its baseline in sequence, because simultaneous rounds would share the core.
 * The order alternates.
 */
function inPairs(own: Ask, base: Ask): (round: number) => Promise<Pair> {
  return async (round) => {
    if (round % 2 === 0) return { base: await base(), own: await own() };
    return { own: await own(), base: await base() };
  };
}

function ratioOf(what: string, base: string, pairs: readonly Pair[] = []): Ratio {
  return { what: `${what} / ${base}`, value: median(pairs.map((pair) => pair.own.cpu / pair.base.cpu)) };
}

async function measure(scope: Scope): Promise<Measured> {
  const capabilities = await requireCapabilities();
  const backend = await startOnClientCore(scope, '0.0.0.0');
  const secret = placeIn(NAMESPACE, secretOf('web', await issue(['*.example.test'])));
  const features = [AGAIN, ...FEATURES, wholeSet()];
  const asks = new Map<string, Ask>();
  for (const group of bySettings([PLAIN, PLAIN_TLS, ...features])) {
    const objects = new Set(group.flatMap((feature) => objectsOf(feature, backend.port)));
    const settings = settingsOf({ ...group[0]?.settings, 'worker-processes': '1' });
    const files = { 'settings.yaml': [settings], 'sites.yaml': [secret, ...objects] };
    const upstream = `${ENDPOINTS[0]}:${backend.port}`;
    const measures = group[0]?.metrics ? measuresOf(argumentsOf('controller', new Map())) : undefined;
    const { ours, plain } = await writeRunDirectories(scope, files, capabilities, upstream, keptConnections, measures);
    const [worker = 0] = (await startPinned(scope, ours)).workers();
    for (const feature of group) asks.set(feature.name, await askerOf(feature, ours, worker));
    if (!group.includes(PLAIN)) continue;
    const [floor = 0] = (await startPinned(scope, plain)).workers();
    asks.set(WITHOUT_LUA, await askerOf(PLAIN, plain, floor));
  }
  const bases = new Map<string, string>([
    [PLAIN.name, WITHOUT_LUA],
    ...features.map(({ name, tls }) => [name, tls === true ? PLAIN_TLS.name : PLAIN.name] as const),
  ]);
  const found = (name: string): Ask => asks.get(name) ?? fail(name);
  const subjects = [...bases].map(([own, base]) => [own, inPairs(found(own), found(base))] as const);
  // Warm-up: NGINX connects to every endpoint, and LuaJIT compiles its traces.
  for (const warm of asks.values()) await warm();
  const pairs = await interleave<Pair>(ROUNDS, Object.fromEntries(subjects));
  const floors = (name: string) => [...bases].flatMap(([own, base]) => (base === name ? (pairs[own] ?? []) : []));
  return {
    rounds: ROUNDS,
    sizes: { seconds: SECONDS, 'endpoints of a host': ENDPOINTS.length },
    figures: [
      ...[WITHOUT_LUA, PLAIN.name, PLAIN_TLS.name].map((name) =>
        cpuFigure(
          name,
          floors(name).map(({ base }) => base),
        ),
      ),
      ...features.map(({ name }) =>
        cpuFigure(
          name,
          (pairs[name] ?? []).map(({ own }) => own),
        ),
      ),
    ],
    ratios: [...bases].map(([own, base]) => ratioOf(own, base, pairs[own])),
  };
}

function fail(name: string): never {
  throw new Error(`no requests are defined for ${name}`);
}

if (import.meta.main) {
  await runBench({
    name: 'features',
    title: 'What features cost',
    about:
      'CPU per request of one worker, which has a core of its own (/proc/PID/schedstat). wrk sends the requests on ' +
      '64 keepalive connections; wrk and the backend (which answers with 512 bytes) run on the other core. Every ' +
      'feature has a location of its own, on a host of its own; in `whole-set`, one location has all features that ' +
      'can be combined. Each round of a feature is paired with a round of a location without annotations, and the ' +
      'ratio is the median of these pairs. `plain-again` measures the location without annotations once more, and so ' +
      'shows how much ratios vary by chance.',
    minutes: 20,
    measure,
  });
}
