/**
 * `npm run bench tls`: CPU of a worker per full handshake, with many server names, and per request on keepalive
 * connections.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { ingressOf, NAMESPACE, podsOf } from '../e2e/behaviour/site.ts';
import { issue } from '../e2e/certificates.ts';
import type { KeyPair } from '../e2e/certificates.ts';
import { placeIn } from '../e2e/runner/object.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';
import { secretOf } from '../e2e/runner/secrets.ts';
import { requireCapabilities } from './capabilities.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { CLIENT_CORE, cpuOf } from './cores.ts';
import { startPinned, writeRunDirectories } from './disk.ts';
import type { Handshakes } from './handshakes.ts';
import { startOnClientCore } from './nginx.ts';
import type { Figure, Measured } from './result.ts';
import { interleave } from './rounds.ts';
import { settingsOf, siteHost, siteName } from './sites.ts';
import { size } from './sizes.ts';
import { median } from './statistics.ts';
import { runWrk } from './wrk.ts';

const NAMES = size('SITES', 1000);
const HANDSHAKES = size('SAMPLES', 2000);
const ROUNDS = size('ROUNDS', 7);
const SECONDS = size('SECONDS', 3);
const CLIENT = fileURLToPath(new URL('handshakes.ts', import.meta.url));

async function issueAll(): Promise<KeyPair[]> {
  const pairs: KeyPair[] = [];
  for (let i = 0; i < NAMES; i += 1) pairs.push(await issue([siteHost(i)]));
  return pairs;
}

function filesOf(pairs: readonly KeyPair[], port: number): Record<string, KubernetesObject[]> {
  const files: Record<string, KubernetesObject[]> = { 'settings.yaml': [settingsOf({ 'worker-processes': '1' })] };
  for (const [i, pair] of pairs.entries()) {
    const name = siteName(i);
    const secret = placeIn(NAMESPACE, secretOf(name, pair));
    files[`${name}.yaml`] = [ingressOf(name, name, { tls: name }), ...podsOf(name, ['127.0.0.1'], port), secret];
  }
  return files;
}

/** Disables the resumption of sessions. Without Lua, every server block gets a certificate of its own. */
function edit(pairs: readonly KeyPair[]): (conf: string, lua: boolean, folder: string) => string {
  return (conf, lua, folder) => {
    const full = conf.replace(/ssl_session_cache [^;]*;/, 'ssl_session_cache off; ssl_session_tickets off;');
    if (full === conf) throw new Error('nginx.conf has no ssl_session_cache to switch off');
    if (lua) return full;
    for (const [i, { cert, key }] of pairs.entries())
      writeFileSync(join(folder, `${siteName(i)}.pem`), `${cert.trimEnd()}\n${key}`);
    return full.replaceAll(/server_name "?(b\d+)\.[^;]*;/g, (directive, name: string) => {
      const file = join(folder, `${name}.pem`);
      return `${directive} ssl_certificate ${file}; ssl_certificate_key ${file};`;
    });
  };
}

interface Target {
  readonly worker: number;
  readonly httpsPort: number;
}

/** Microseconds of worker CPU per handshake. */
async function handshakes({ worker, httpsPort }: Target, count: number): Promise<number> {
  const args = ['-c', CLIENT_CORE, process.execPath, CLIENT, String(httpsPort), String(count), String(NAMES)];
  const before = cpuOf(worker);
  const { stdout } = await execa('taskset', args, { timeout: 120_000 });
  const used = cpuOf(worker) - before;
  const { resumed, wrong, failed } = JSON.parse(stdout) as Handshakes;
  if (resumed + wrong + failed > 0)
    throw new Error(`some handshakes failed, resumed a session or got the wrong certificate: ${stdout}`);
  return used / 1000 / count;
}

/** Microseconds of worker CPU per request. */
async function requests({ worker, httpsPort }: Target): Promise<number> {
  const before = cpuOf(worker);
  const run = await runWrk({ url: `https://127.0.0.1:${httpsPort}/`, host: siteHost(0), seconds: SECONDS });
  const used = cpuOf(worker) - before;
  if (run.refused > 0) throw new Error(`${run.refused} answers of status 400 and above`);
  return used / 1000 / run.requests;
}

async function measure(scope: Scope): Promise<Measured> {
  const capabilities = await requireCapabilities();
  const backend = await startOnClientCore(scope);
  scope.say(`${NAMES} certificates`);
  const pairs = await issueAll();
  const upstream = `127.0.0.1:${backend.port}`;
  const files = filesOf(pairs, backend.port);
  const directories = await writeRunDirectories(scope, files, capabilities, upstream, edit(pairs));
  const targets: Record<string, Target> = {};
  for (const [name, directory] of [
    ['Tidegate', directories.ours],
    ['without Lua', directories.plain],
  ] as const) {
    const [worker = 0] = (await startPinned(scope, directory)).workers();
    targets[name] = { worker, httpsPort: directory.httpsPort };
    // Warm-up: Tidegate parses each certificate when it is first used.
    await handshakes(targets[name], NAMES);
  }
  const subjects = Object.entries(targets);
  const full = await interleave<number>(
    ROUNDS,
    Object.fromEntries(subjects.map(([name, target]) => [name, async () => handshakes(target, HANDSHAKES)])),
  );
  const kept = await interleave<number>(
    ROUNDS,
    Object.fromEntries(subjects.map(([name, target]) => [name, async () => requests(target)])),
  );
  const figure = (subject: string, rounds: readonly number[] = []): Figure => {
    return { subject, values: { 'CPU median µs': median(rounds), 'least µs': Math.min(...rounds) } };
  };
  const ratio = (rounds: Readonly<Record<string, readonly number[]>>) =>
    median(rounds['Tidegate'] ?? []) / median(rounds['without Lua'] ?? []);
  return {
    rounds: ROUNDS,
    sizes: { names: NAMES, handshakes: HANDSHAKES, seconds: SECONDS },
    figures: subjects.flatMap(([name]) => [
      figure(`${name}: a full handshake`, full[name]),
      figure(`${name}: a request on a keepalive connection`, kept[name]),
    ]),
    ratios: [
      { what: 'a full handshake: Tidegate / without Lua', value: ratio(full), aim: 'at most 1.03' },
      { what: 'a request over TLS: Tidegate / without Lua', value: ratio(kept), aim: 'at most 1.05' },
    ],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'tls',
    title: 'TLS',
    about:
      'CPU of one worker, which has a core of its own (/proc/PID/schedstat). First a client performs full handshakes ' +
      'with many server names in turn; each name has an EC certificate, the client offers no session, and session ' +
      'cache and tickets are off in both configurations. Then wrk sends requests on 64 keepalive connections. ' +
      'Without Lua, each server block has its own certificate.',
    minutes: 30,
    measure,
  });
}
