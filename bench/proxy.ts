/**
 * `npm run bench proxy`: CPU of a worker per proxied request, compared with the same configuration without Lua and with
 * static upstreams.
 */
import { ingressOf, podsOf } from '../e2e/behaviour/site.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';
import { requireCapabilities } from './capabilities.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { startPinned, writeRunDirectories } from './disk.ts';
import { startOnClientCore } from './nginx.ts';
import type { Measured, Ratio } from './result.ts';
import { interleave } from './rounds.ts';
import { settingsOf, siteHost, siteName } from './sites.ts';
import { size } from './sizes.ts';
import { median } from './statistics.ts';
import { askWorker, cpuFigure } from './worker-cpu.ts';
import type { Round } from './worker-cpu.ts';

const HOSTS = size('SITES', 200);
const ROUNDS = size('ROUNDS', 9);
const SECONDS = size('SECONDS', 3);
const ENDPOINTS = 20;
/**
 * A round counts only if the worker used at least this fraction of its core: a less busy worker did not limit the
 * throughput.
 */
const LEAST_BUSY = 0.9;

/** The endpoints of a site. No two sites share an endpoint, so sites do not share connections either. */
function addressesOf(site: number): string[] {
  return Array.from({ length: ENDPOINTS }, (_, i) => `127.${10 + Math.floor(site / 250)}.${site % 250}.${i + 1}`);
}

function filesOf(port: number): Record<string, KubernetesObject[]> {
  const files: Record<string, KubernetesObject[]> = { 'settings.yaml': [settingsOf({ 'worker-processes': '1' })] };
  for (let site = 0; site < HOSTS; site += 1) {
    const name = siteName(site);
    files[`${name}.yaml`] = [ingressOf(name), ...podsOf(name, addressesOf(site), port)];
  }
  return files;
}

/**
 * Edits nginx.conf: without Lua, every host gets an upstream with its endpoints. In both variants, connections serve
 * many requests.
 */
function edit(port: number): (conf: string, lua: boolean) => string {
  return (conf, lua) => {
    const long = conf.replaceAll(/keepalive_requests \d+;/g, 'keepalive_requests 100000000;');
    if (lua) return long;
    const upstreams: string[] = [];
    const servers = long.replaceAll(
      /(server_name "?b(\d+)\.[^}]*?)proxy_pass http:\/\/\w+;/g,
      (_, head: string, site: string) => {
        const members = addressesOf(Number(site)).map((address) => `server ${address}:${port};`);
        upstreams.push(`upstream b${site} { ${members.join(' ')} keepalive 320; keepalive_requests 100000000; }`);
        return `${head}proxy_pass http://b${site};`;
      },
    );
    if (upstreams.length !== HOSTS) throw new Error(`${upstreams.length} hosts were found in nginx.conf`);
    return servers.replace('http {', `http {\n${upstreams.join('\n')}\n`);
  };
}

async function ask(port: number, worker: number, host: string | readonly string[], seconds: number): Promise<Round> {
  return askWorker(worker, { url: `http://127.0.0.1:${port}/`, host, seconds });
}

function ratiosOf(what: string, ours: readonly Round[] = [], base: readonly Round[] = []): Ratio[] {
  const cpu = (rounds: readonly Round[]) => rounds.map((round) => round.cpu);
  const pairs = ours
    .map((round, i) => ({
      ratio: round.cpu / (base[i]?.cpu ?? Number.NaN),
      busy: Math.min(round.busy, base[i]?.busy ?? 0),
    }))
    .filter(({ busy }) => busy >= LEAST_BUSY)
    .map(({ ratio }) => ratio);
  return [
    {
      what: `${what}, of medians: Tidegate / without Lua`,
      value: median(cpu(ours)) / median(cpu(base)),
      aim: 'at most 1.08',
    },
    { what: `${what}, of minima`, value: Math.min(...cpu(ours)) / Math.min(...cpu(base)) },
    ...(pairs.length > 0
      ? [{ what: `${what}, median of the ${pairs.length} pairs with busy workers`, value: median(pairs) }]
      : []),
  ];
}

async function measure(scope: Scope): Promise<Measured> {
  const capabilities = await requireCapabilities();
  const backend = await startOnClientCore(scope, '0.0.0.0');
  const upstream = `127.0.0.1:${backend.port}`;
  const both = await writeRunDirectories(scope, filesOf(backend.port), capabilities, upstream, edit(backend.port));
  const [ours = 0] = (await startPinned(scope, both.ours)).workers();
  const [plain = 0] = (await startPinned(scope, both.plain)).workers();
  const hosts = Array.from({ length: HOSTS }, (_, site) => siteHost(site));
  const subjects: Record<string, () => Promise<Round>> = {
    'Tidegate, all hosts in turn': async () => ask(both.ours.httpPort, ours, hosts, SECONDS),
    'without Lua, all hosts in turn': async () => ask(both.plain.httpPort, plain, hosts, SECONDS),
    'Tidegate, one host': async () => ask(both.ours.httpPort, ours, siteHost(0), SECONDS),
    'without Lua, one host': async () => ask(both.plain.httpPort, plain, siteHost(0), SECONDS),
  };
  // Warm-up: NGINX connects to every endpoint, and LuaJIT compiles its traces.
  for (const warm of Object.values(subjects)) await warm();
  const rounds = await interleave<Round>(ROUNDS, subjects);
  return {
    rounds: ROUNDS,
    sizes: { hosts: HOSTS, 'endpoints of a host': ENDPOINTS, seconds: SECONDS },
    figures: Object.keys(subjects).map((name) => cpuFigure(name, rounds[name])),
    ratios: [
      ...ratiosOf('all hosts', rounds['Tidegate, all hosts in turn'], rounds['without Lua, all hosts in turn']),
      ...ratiosOf('one host', rounds['Tidegate, one host'], rounds['without Lua, one host']),
    ],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'proxy',
    title: 'A proxied request',
    about:
      'CPU per request of one worker, which has a core of its own (/proc/PID/schedstat). wrk sends the requests on ' +
      '64 keepalive connections; wrk and the backend (which answers with 512 bytes) run on the other core. The ' +
      'baseline is the same nginx.conf without Lua, with an upstream for each host, the same headers and the same ' +
      'log.',
    minutes: 20,
    measure,
  });
}
