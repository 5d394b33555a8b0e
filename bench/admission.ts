/**
 * `npm run bench admission`: how long the admission webhook takes for a review, and how long reviews delay other
 * events.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { V1Ingress } from '@kubernetes/client-node';
import { createBuild } from '../controller/app/build.ts';
import { createReview } from '../controller/app/review.ts';
import { admissionReaders, readReviewedIngress } from '../controller/cluster/index.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../controller/golden/build-fixed.ts';
import { keepingFor } from '../controller/model/ingress/keeping.ts';
import { createRender } from '../controller/render/render.ts';
import type { Snapshot } from '../controller/types/snapshot.ts';
import { createWebhook } from '../controller/webhook/handler.ts';
import { listenForReviews } from '../controller/webhook/listen.ts';
import { issue } from '../e2e/certificates.ts';
import type { ClientJob, ClientMessage } from './admission-client.ts';
import { runBench } from './bench.ts';
import type { Scope } from './bench.ts';
import { keyOf, manyHosts } from './build-snapshot.ts';
import type { Figure, Measured, Ratio } from './result.ts';
import { size, sizes } from './sizes.ts';
import { latencyFigures, quantile } from './statistics.ts';

const SITES = sizes('SITES', [100, 1000, 10_000]);
const SAMPLES = size('SAMPLES', 500);
const TOGETHER = 150;
const WARM_UP = 50;
const EVENT_EVERY_MS = 2;
const EVENT_SECONDS = 3;

const OVERRIDES = { quarantine: new Map(), resolvedNames: new Map() };

/** The body of a review, including fields of a real one that nobody reads. */
function bodyOf(object: V1Ingress, oldObject: V1Ingress | null): string {
  const fields = (ingress: V1Ingress | null) => {
    if (ingress === null) return null;
    const written = Object.assign({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' }, structuredClone(ingress));
    Object.assign((written.metadata ??= {}), {
      managedFields: [{ manager: 'kubectl', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:rules': {} } } }],
    });
    Object.assign((written.metadata.annotations ??= {}), {
      'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(ingress),
    });
    return written;
  };
  const { namespace = '', name = '' } = object.metadata ?? {};
  const kind = { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress' };
  const operation = oldObject === null ? 'CREATE' : 'UPDATE';
  const request = { uid: crypto.randomUUID(), kind, operation, namespace, name };
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { ...request, object: fields(object), oldObject: fields(oldObject) },
  });
}

/** An Ingress of the cluster. */
function ingressAt(snapshot: Snapshot, index: number): V1Ingress {
  const found = snapshot.Ingress.get(keyOf(index));
  if (found === undefined) throw new Error(`there is no Ingress ${keyOf(index)}`);
  return structuredClone(found);
}

/** A new Ingress for a new host, in a namespace of the cluster. */
function created(snapshot: Snapshot, round: number): string {
  const ingress = ingressAt(snapshot, 0);
  const host = `new-${round}.bench.example`;
  Object.assign(ingress.metadata ?? {}, { name: `new-${round}` });
  for (const rule of ingress.spec?.rules ?? []) rule.host = host;
  for (const tls of ingress.spec?.tls ?? []) tls.hosts = [host];
  return bodyOf(ingress, null);
}

/** A change to an Ingress of the cluster. */
function changed(snapshot: Snapshot, round: number, sites: number): string {
  const before = ingressAt(snapshot, (round * 37) % sites);
  const after = structuredClone(before);
  Object.assign(after.metadata?.annotations ?? {}, { 'nginx.ingress.kubernetes.io/proxy-body-size': `${round + 9}m` });
  return bodyOf(after, before);
}

async function startWebhook(scope: Scope, snapshot: Snapshot) {
  const render = createRender(TEMPLATES, RENDER_OPTIONS);
  const build = createBuild(MODEL_OPTIONS, () => render);
  build(snapshot, OVERRIDES);
  const keeping = keepingFor(build.options);
  const review = createReview({
    build,
    settled: async () => undefined,
    read: (raw) => readReviewedIngress(raw, keeping),
    lookUp: async () => ({ Secret: new Map(), ConfigMap: new Map() }),
    isWatched: () => true,
    allowsDuplicatePaths: false,
    measured: () => undefined,
    fault: (_, error) => {
      throw error;
    },
  });
  const pair = await issue(['webhook.test']);
  const server = await listenForReviews({
    host: '127.0.0.1',
    port: 0,
    pair: { current: () => pair, onChange: () => undefined },
    handler: createWebhook({
      review,
      newReader: admissionReaders(keeping),
      observe: () => undefined,
      failed: (_, message) => scope.say(message),
      // A slow machine gets figures, too.
      limits: { reviewMs: 60_000 },
    }),
    failed: (message) => scope.say(message),
  });
  if ('obstacle' in server) throw new Error(server.obstacle);
  scope.defer(server.close);
  return { port: server.port, ca: pair.cert };
}

function startClient(job: ClientJob): Worker {
  return new Worker(new URL('admission-client.ts', import.meta.url), { workerData: job });
}

/** Milliseconds of each sample, and milliseconds of CPU time that the main thread takes for one of them. */
interface Samples {
  readonly ms: readonly number[];
  readonly cpu?: number;
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Sends the reviews from another thread. */
async function send(
  at: { readonly port: number; readonly ca: string },
  bodies: readonly string[],
  together: number,
): Promise<Samples> {
  const before = cpuMs();
  const client = startClient({ reviews: { ...at, bodies, together } });
  const { promise, resolve, reject } = Promise.withResolvers<ClientMessage>();
  client.on('message', resolve);
  client.on('error', reject);
  const done = await promise;
  const cpu = (cpuMs() - before) / bodies.length;
  await client.terminate();
  if (!('ms' in done)) throw new Error('the client sent something else');
  if (done.warned > 0) throw new Error(`${done.warned} reviews denied the Ingress or warned about it`);
  return { ms: done.ms, cpu };
}

/** Milliseconds that events of another thread wait until the main thread handles them, while `work` runs. */
async function eventWaits(work: () => Promise<unknown>): Promise<Samples> {
  const waits: number[] = [];
  const ticker = startClient({ eventEveryMs: EVENT_EVERY_MS });
  ticker.on('message', (message: ClientMessage) => {
    if ('sentAt' in message) waits.push(performance.timeOrigin + performance.now() - message.sentAt);
  });
  await work();
  await ticker.terminate();
  return { ms: waits };
}

async function measureSize(scope: Scope, sites: number): Promise<ReadonlyMap<string, Samples>> {
  scope.say(`${sites} Ingresses`);
  const snapshot = await manyHosts(sites);
  const at = await startWebhook(scope, snapshot);
  const many = (count: number, body: (round: number) => string) =>
    Array.from({ length: count }, (_, round) => body(round));
  const news = many(SAMPLES, (round) => created(snapshot, round));
  await send(at, news.slice(0, WARM_UP), 1);
  const rest = await eventWaits(() => sleep(EVENT_SECONDS * 1000));
  return new Map([
    ['new Ingress', await send(at, news, 1)],
    [
      'changed Ingress',
      await send(
        at,
        many(SAMPLES, (round) => changed(snapshot, round, sites)),
        1,
      ),
    ],
    [
      `${TOGETHER} new Ingresses at once`,
      await send(
        at,
        many(TOGETHER * 3, (round) => created(snapshot, round)),
        TOGETHER,
      ),
    ],
    ['other events, no reviews', rest],
    ['other events, reviews one after another', await eventWaits(() => send(at, news, 1))],
    [
      `other events, ${TOGETHER} reviews at once`,
      await eventWaits(() =>
        send(
          at,
          many(TOGETHER * 10, (round) => created(snapshot, round)),
          TOGETHER,
        ),
      ),
    ],
  ]);
}

async function measure(scope: Scope): Promise<Measured> {
  const figures: Figure[] = [];
  const p99s = new Map<string, number[]>();
  const cpus = new Map<string, number[]>();
  for (const sites of SITES) {
    for (const [what, { ms, cpu }] of await measureSize(scope, sites)) {
      const values = { ...latencyFigures(ms), ...(cpu !== undefined && { 'CPU ms': cpu }) };
      figures.push({ subject: `${sites} Ingresses: ${what}`, values });
      p99s.set(what, [...(p99s.get(what) ?? []), quantile(ms, 0.99)]);
      if (cpu !== undefined) cpus.set(what, [...(cpus.get(what) ?? []), cpu]);
    }
  }
  const [least, most] = [Math.min(...SITES), Math.max(...SITES)];
  const ratiosOf = (name: string, all: ReadonlyMap<string, readonly number[]>): Ratio[] =>
    [...all].map(([what, values]) => ({
      what: `${what}, ${name}: ${most} / ${least} Ingresses`,
      value: (values[SITES.indexOf(most)] ?? Number.NaN) / (values[SITES.indexOf(least)] ?? Number.NaN),
    }));
  const ratios = [...ratiosOf('p99', p99s), ...ratiosOf('CPU', cpus)];
  return {
    rounds: SAMPLES,
    sizes: { ingresses: SITES, together: TOGETHER },
    figures,
    ratios: most > least ? ratios : [],
  };
}

if (import.meta.main) {
  await runBench({
    name: 'admission',
    title: 'Reviews of the admission webhook',
    about:
      'The webhook runs in the process of the bench, without the loop and NGINX. A client in another thread sends ' +
      'reviews over keepalive connections. Every host of the cluster has two paths, and every second host has a ' +
      'certificate. No review causes a warning. "Other events" are messages of a third thread, sent every 2 ms: the ' +
      'time until the main thread handles them is how long a change to endpoints would wait. "CPU" is that of the ' +
      'main thread.',
    minutes: 15,
    measure,
  });
}
