/**
 * `npm run bench stream`: CPU of the worker per connection and per MiB of a TCP service and of TLS passthrough, compared
 * with a hand-written stream block.
 */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NAMESPACE } from '../e2e/behaviour/site.ts';
import { issue } from '../e2e/certificates.ts';
import { serviceOf, sliceOf } from '../e2e/runner/endpoints.ts';
import { startInstance } from '../e2e/runner/instance.ts';
import type { KubernetesObject } from '../e2e/runner/object.ts';
import { freePort } from '../e2e/runner/port.ts';
import { requireCapabilities } from './capabilities.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { CLIENT_CORE, pin, WORKER_CORE } from './cores.ts';
import { startPlain } from './nginx.ts';
import type { Measured, Ratio } from './result.ts';
import { interleave } from './rounds.ts';
import { nginxOf, settingsOf } from './sites.ts';
import { size } from './sizes.ts';
import { median } from './statistics.ts';
import { askWorker, cpuFigure, type Round } from './worker-cpu.ts';

const ROUNDS = size('ROUNDS', 7);
const SECONDS = size('SECONDS', 3);
const ENDPOINTS = Array.from({ length: size('ENDPOINTS', 20) }, (_, i) => `127.0.21.${i + 1}`);
/** The server name of the passthrough host. wrk resolves the name of the URL and sends it as server name. */
const HOST = 'localhost';
const MEBIBYTE = 1024 * 1024;
const LOG_FORMAT =
  "'[$remote_addr] [$time_local] $protocol $status $bytes_sent $bytes_received $session_time $upstream_addr'";

interface Backend {
  readonly plain: number;
  readonly tls: number;
}

interface Target {
  readonly worker: number;
  readonly tcp: number;
  readonly tls: number;
}

/** Answers 512 bytes to `/` and 1 MiB to `/mebibyte`, with and without TLS, on all addresses. */
async function startBackend(scope: Scope): Promise<Backend> {
  await pin(process.pid, CLIENT_CORE);
  const tls = await freePort();
  const pair = await issue([HOST]);
  const backend = await startPlain((port, folder) => {
    // The worker runs as another user.
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'tls.pem'), `${pair.cert.trimEnd()}\n${pair.key}`);
    writeFileSync(join(folder, 'mebibyte'), 'x'.repeat(MEBIBYTE));
    return `access_log off; keepalive_requests 10000000; ssl_certificate tls.pem; ssl_certificate_key tls.pem;
server {
  listen 0.0.0.0:${port}; listen 0.0.0.0:${tls} ssl;
  location / { return 200 "${'x'.repeat(512)}"; }
  location = /mebibyte { root ${folder}; }
}`;
  });
  scope.defer(async () => backend.stop());
  await pin(backend.worker, CLIENT_CORE);
  return { plain: backend.port, tls };
}

function objectsOf({ plain, tls }: Backend, tcp: number): KubernetesObject[] {
  const service = { service: { name: 'tls', port: { number: 443 } } };
  return [
    settingsOf({ 'worker-processes': '1', 'log-format-stream': LOG_FORMAT.slice(1, -1) }),
    serviceOf('plain', NAMESPACE, { port: 80 }),
    sliceOf('plain', NAMESPACE, ENDPOINTS, { port: plain }),
    serviceOf('tls', NAMESPACE, { port: 443 }),
    sliceOf('tls', NAMESPACE, ENDPOINTS, { port: tls }),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'tcp', namespace: NAMESPACE },
      data: { [tcp]: `${NAMESPACE}/plain:80` },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: {
        name: 'tls',
        namespace: NAMESPACE,
        annotations: { 'nginx.ingress.kubernetes.io/ssl-passthrough': 'true' },
      },
      spec: { rules: [{ host: HOST, http: { paths: [{ path: '/', pathType: 'Prefix', backend: service }] } }] },
    },
  ];
}

/** `tidegate up` with a TCP service and a host with TLS passthrough. */
async function startOurs(scope: Scope, backend: Backend): Promise<Target> {
  const [tcp, stream] = [await freePort(), await freePort()];
  const flags = ['--tcp-services-configmap', `${NAMESPACE}/tcp`, '--enable-ssl-passthrough'];
  const args = [...flags, '--stream-port', String(stream)];
  const instance = await startInstance({ 'all.yaml': objectsOf(backend, tcp) }, { args });
  scope.defer(async () => instance.dispose());
  const { master, workers } = nginxOf(instance.runDir);
  for (const pid of [master, ...workers]) await pin(pid, WORKER_CORE);
  return { worker: workers[0] ?? 0, tcp, tls: instance.httpsPort };
}

/** The baseline: a TCP server and a TLS server with a map of server names, as one writes them by hand. */
async function startByHand(scope: Scope, { plain, tls }: Backend): Promise<Target> {
  const { stream } = await requireCapabilities();
  if (stream === undefined) throw new Error('missing: the stream modules of NGINX');
  const ports = { tcp: await freePort(), tls: await freePort() };
  const upstream = (name: string, port: number) =>
    `upstream ${name} { random; ${ENDPOINTS.map((address) => `server ${address}:${port};`).join(' ')} }`;
  const more = `stream {
  log_format own ${LOG_FORMAT};
  access_log stream.log own;
  ${upstream('plain', plain)}
  ${upstream('tls', tls)}
  map $ssl_preread_server_name $name { ${HOST} tls; default plain; }
  server { listen ${ports.tcp}; proxy_pass plain; }
  server { listen ${ports.tls} so_keepalive=on; ssl_preread on; proxy_timeout 1d; proxy_pass $name; }
}`;
  const nginx = await startPlain((port) => `server { listen 127.0.0.1:${port}; }`, {
    // The first module is the stream module; the njs module is not needed.
    modules: stream.slice(0, 1),
    more,
  });
  scope.defer(async () => nginx.stop());
  await pin(nginx.worker, WORKER_CORE);
  return { worker: nginx.worker, ...ports };
}

interface Work {
  readonly name: string;
  readonly unit: string;
  url(target: Target): string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly connections: number;
}

const CLOSE = { Connection: 'close' };

const WORKS: readonly Work[] = [
  { name: 'TCP', unit: 'connection', url: ({ tcp }) => `http://${HOST}:${tcp}/`, headers: CLOSE, connections: 16 },
  { name: 'TCP', unit: 'MiB', url: ({ tcp }) => `http://${HOST}:${tcp}/mebibyte`, connections: 4 },
  {
    name: 'passthrough',
    unit: 'connection',
    url: ({ tls }) => `https://${HOST}:${tls}/`,
    headers: CLOSE,
    connections: 16,
  },
  { name: 'passthrough', unit: 'MiB', url: ({ tls }) => `https://${HOST}:${tls}/mebibyte`, connections: 4 },
];

function ratiosOf({ name, unit }: Work, ours: readonly Round[] = [], byHand: readonly Round[] = []): Ratio[] {
  const value = (rounds: readonly Round[], key: 'cpu' | 'perSecond') => median(rounds.map((round) => round[key]));
  const what = `${name}, ${unit}s`;
  return [
    {
      what: `${what} per CPU second of the worker: Tidegate / by hand`,
      value: value(byHand, 'cpu') / value(ours, 'cpu'),
    },
    {
      what: `${what} per second: Tidegate / by hand`,
      value: value(ours, 'perSecond') / value(byHand, 'perSecond'),
      ...(name === 'passthrough' && { aim: 'at least 0.9' }),
    },
  ];
}

async function measure(scope: Scope): Promise<Measured> {
  const backend = await startBackend(scope);
  const targets = { Tidegate: await startOurs(scope, backend), 'by hand': await startByHand(scope, backend) };
  const subjects: Record<string, () => Promise<Round>> = {};
  const subjectOf = (name: string, work: Work) => `${name}: ${work.name}, per ${work.unit}`;
  for (const work of WORKS) {
    for (const [name, target] of Object.entries(targets)) {
      const options = {
        url: work.url(target),
        host: HOST,
        seconds: SECONDS,
        connections: work.connections,
        ...(work.headers !== undefined && { headers: work.headers }),
      };
      subjects[subjectOf(name, work)] = async () => askWorker(target.worker, options);
    }
  }
  const rounds = await interleave<Round>(ROUNDS, subjects);
  return {
    rounds: ROUNDS,
    sizes: { endpoints: ENDPOINTS.length, seconds: SECONDS },
    figures: Object.keys(subjects).map((name) => cpuFigure(name, rounds[name])),
    ratios: WORKS.flatMap((work) =>
      ratiosOf(work, rounds[subjectOf('Tidegate', work)], rounds[subjectOf('by hand', work)]),
    ),
  };
}

if (import.meta.main) {
  await runBench({
    name: 'stream',
    title: 'TCP services and TLS passthrough',
    about:
      'CPU of one worker, which has a core of its own (/proc/PID/schedstat), for a TCP service and for a host with TLS ' +
      'passthrough. wrk opens a new connection for each request of 512 bytes, or reads 1 MiB again and again over four ' +
      'connections; wrk and the backend run on the other core. The baseline is a stream block with one upstream per ' +
      'Service and a map of server names. Both write an access log. A "request" is a connection or a MiB.',
    minutes: 15,
    measure,
  });
}
