/** `npm run bench balance`: the slowest requests while one of four endpoints is ten times slower than the others. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { ingressOf, podsOf } from '../e2e/behaviour/site.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';
import { requireCapabilities } from './capabilities.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { CLIENT_CORE, pin } from './cores.ts';
import { startPinned, writeRunDirectories } from './disk.ts';
import type { Run } from './open-loop.ts';
import type { Figure, Measured } from './result.ts';
import { interleave } from './rounds.ts';
import { settingsOf, siteHost, siteName } from './sites.ts';
import { size } from './sizes.ts';
import { median } from './statistics.ts';

const ROUNDS = size('ROUNDS', 5);
const SECONDS = size('SECONDS', 6);
/** Requests a second. A quarter of this rate is more than the slow endpoint can handle. */
const RATE = size('RATE', 800);
const FAST_MS = 5;
const SLOW_MS = 10 * FAST_MS;
const AT_ONCE = 8;
const ENDPOINTS = 4;
const CONNECTIONS = 1024;
/** Pause before each run, so that the queues of the previous run are empty. */
const REST_MS = 3000;
const CLIENT = fileURLToPath(new URL('open-loop.ts', import.meta.url));
const BACKEND = fileURLToPath(new URL('endpoints.ts', import.meta.url));

/** The balancing methods, with one site for each. */
const WAYS = ['round_robin', 'least_conn', 'ewma', 'random'] as const;
/** The methods that NGINX without Lua has as well, with the directives that select them. */
const OWN: ReadonlyMap<string, string> = new Map([
  ['round_robin', ''],
  ['least_conn', 'least_conn;'],
  ['random', 'random two least_conn;'],
]);

function addressesOf(site: number): string[] {
  return Array.from({ length: ENDPOINTS }, (_, i) => `127.20.${site}.${i + 1}`);
}

async function startEndpoints(scope: Scope): Promise<number> {
  const args = [FAST_MS, SLOW_MS, AT_ONCE].map(String);
  const child = fork(BACKEND, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const gone = once(child, 'exit');
  scope.defer(async () => {
    child.kill('SIGTERM');
    await gone;
  });
  if (child.stdout === null || child.pid === undefined) throw new Error('the endpoints do not start');
  const [port] = (await once(createInterface(child.stdout), 'line')) as [string];
  await pin(child.pid, CLIENT_CORE);
  return Number(port);
}

function filesOf(port: number): Record<string, KubernetesObject[]> {
  const files: Record<string, KubernetesObject[]> = { 'settings.yaml': [settingsOf({ 'worker-processes': '1' })] };
  for (const [site, way] of WAYS.entries()) {
    const ingress = ingressOf(siteName(site), siteName(site), { annotations: { 'load-balance': way } });
    files[`${way}.yaml`] = [ingress, ...podsOf(siteName(site), addressesOf(site), port)];
  }
  return files;
}

/** Without Lua every site has its own upstream, balanced by NGINX itself. */
function edit(port: number): (conf: string, lua: boolean) => string {
  return (conf, lua) => {
    const roomy = conf.replace(/worker_connections \d+;/, 'worker_connections 8192;');
    if (lua) return roomy;
    const upstreams: string[] = [];
    const servers = roomy.replaceAll(
      /(server_name "?b(\d+)\.[^}]*?)proxy_pass http:\/\/\w+;/g,
      (_, head: string, site: string) => {
        const members = addressesOf(Number(site)).map((address) => `server ${address}:${port};`);
        const way = OWN.get(WAYS[Number(site)] ?? '') ?? '';
        upstreams.push(`upstream b${site} { ${way} ${members.join(' ')} keepalive 320; }`);
        return `${head}proxy_pass http://b${site};`;
      },
    );
    if (upstreams.length !== WAYS.length) throw new Error(`${upstreams.length} hosts were found in nginx.conf`);
    return servers.replace('http {', `http {\n${upstreams.join('\n')}\n`);
  };
}

async function ask(httpPort: number, site: number): Promise<Run> {
  await sleep(REST_MS);
  const given = [httpPort, siteHost(site), RATE, SECONDS, CONNECTIONS].map(String);
  const args = ['-c', CLIENT_CORE, process.execPath, CLIENT, ...given];
  const { stdout } = await execa('taskset', args, { timeout: (SECONDS + 20) * 1000 });
  return JSON.parse(stdout) as Run;
}

async function measure(scope: Scope): Promise<Measured> {
  const capabilities = await requireCapabilities();
  await pin(process.pid, CLIENT_CORE);
  const port = await startEndpoints(scope);
  const both = await writeRunDirectories(scope, filesOf(port), capabilities, `127.0.0.1:${port}`, edit(port));
  for (const directory of [both.ours, both.plain]) await startPinned(scope, directory);
  const subjects: Record<string, () => Promise<Run>> = {};
  for (const [site, way] of WAYS.entries()) {
    subjects[`Tidegate, ${way}`] = async () => ask(both.ours.httpPort, site);
    if (OWN.has(way)) subjects[`without Lua, ${way}`] = async () => ask(both.plain.httpPort, site);
  }
  const rounds = await interleave<Run>(ROUNDS, subjects);
  const of = (name: string, key: keyof Run) => median((rounds[name] ?? []).map((run) => run[key]));
  const columns = ['p50 ms', 'p99 ms', 'p99.9 ms', 'client late, p99 ms', 'lost'] as const;
  const figures = Object.keys(subjects).map((subject): Figure => {
    return { subject, values: Object.fromEntries(columns.map((key) => [key, of(subject, key)])) };
  });
  const p99 = (name: string) => of(name, 'p99 ms');
  return {
    rounds: ROUNDS,
    sizes: {
      endpoints: ENDPOINTS,
      'ms of work': FAST_MS,
      'ms of work of the slow one': SLOW_MS,
      'requests at once': AT_ONCE,
      'requests a second': RATE,
      seconds: SECONDS,
    },
    figures,
    ratios: [
      ...(['ewma', 'least_conn', 'random'] as const).map((way) => ({
        what: `p99: ${way} / round_robin`,
        value: p99(`Tidegate, ${way}`) / p99('Tidegate, round_robin'),
        aim: 'below 1',
      })),
      ...[...OWN.keys()].map((way) => ({
        what: `p99, ${way}: Tidegate / without Lua`,
        value: p99(`Tidegate, ${way}`) / p99(`without Lua, ${way}`),
      })),
    ],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'balance',
    title: 'One slow endpoint of four',
    about:
      'An open loop (bench/open-loop.ts) sends requests to four endpoints. Each endpoint handles up to eight requests at once. ' +
      'Three endpoints take 5 ms for a request; one takes 50 ms, and cannot handle a quarter of the requests. Times are ' +
      'measured from the moment at which a request was due. NGINX has one worker on a core of its own. Figures are medians.',
    minutes: 20,
    measure,
  });
}
