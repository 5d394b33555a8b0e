/**
 * Metrics in the formats of Prometheus; docs/metrics.md lists them. A metric that also exists in ingress-nginx keeps
 * the name and labels that it has there; the names of all others begin with `tidegate_`. Labels with names of Ingresses
 * or hosts occur only where the number of series is limited by the number of objects, or by a bound of its own
 * (request-metrics/shares.ts).
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { yieldToEventLoop } from '../time/yield-to-event-loop.ts';
import type { Nginx } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Plan } from '../types/plan.ts';
import type { Problem } from '../types/problem.ts';
import { METRIC_PREFIX as PREFIX } from '../types/request-metrics.ts';
import { type AdmissionMetrics, createAdmissionMetrics } from './admission-metrics.ts';
import { certificateFamilies } from './certificate-metrics.ts';
import type { DropReason } from './events.ts';
import type { MetricFamily } from './exposition/family.ts';
import { registryFamilies } from './exposition/registry-families.ts';
import { familyText } from './exposition/text-format.ts';
import { PROTOBUF_TYPE, TEXT_TYPE, wantsProtobuf } from './exposition/wanted-format.ts';
import { metricMakers } from './metric-makers.ts';
import { createObjectMetrics } from './object-metrics.ts';
import { createProcessMetrics } from './process-metrics.ts';
import { reasonClass } from './reason-class.ts';
import type { RequestMetrics } from './request-metrics/request-metrics.ts';
import { createSeriesMetrics } from './series-metrics.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

export interface BuildInfo {
  readonly release: string;
  /** The commit; empty if unknown. */
  readonly build: string;
  readonly repository: string;
}

export interface MetricsOptions {
  /** `--enable-metrics`. If it is false, there are only `process_*` and `nodejs_*`. */
  readonly enabled: boolean;
  /** `--controller-class`, `POD_NAMESPACE` and `POD_NAME`: labels of every metric except `process_*` and `nodejs_*`. */
  readonly controllerClass: string;
  readonly namespace: string;
  readonly pod: string;
  readonly build: BuildInfo;
  /** Milliseconds since the data from the API server was last known to be fresh; undefined without an API server. */
  readonly dataAgeMs: () => number | undefined;
  readonly droppedEvents: () => Readonly<Record<DropReason, number>>;
  /** What NGINX reports about itself. */
  readonly nginx: Pick<Nginx, 'workers' | 'leftOutEndpoints' | 'connections' | 'processes'>;
  /** Ids of the known vulnerabilities of NGINX. */
  readonly advisories: readonly string[];
  /** Metrics of requests; undefined if all of them are excluded. */
  readonly requests: RequestMetrics | undefined;
  /** Whether clients that prefer protobuf get it: only this format has native histograms. */
  readonly protobuf?: boolean;
  /** Fetches what NGINX has counted since the last call. */
  readonly collect: () => Promise<void>;
  /** The Plan, for the certificates in use; undefined before the first one. */
  readonly plan: () => Plan | undefined;
  /** --default-ssl-certificate. */
  readonly defaultCertificate: string;
  /** Whether there is an admission webhook; otherwise there are no metrics of it. */
  readonly admission?: boolean;
}

export interface OutcomeDetails {
  /** Which part was changed; the Outcome `failed` does not contain this. */
  readonly step: 'structure' | 'live';
  readonly reasons: readonly string[];
  /** Milliseconds since the change, if it is known when the change happened. */
  readonly sinceMs?: number | undefined;
  /** The hash of the nginx.conf that NGINX runs with after this Outcome, 16 hex digits. */
  readonly confHash: string;
}

export interface Metrics {
  readonly outcome: (outcome: Outcome, details: OutcomeDetails) => void;
  /** Sets the numbers of current Problems. */
  readonly problems: (problems: readonly Problem[]) => void;
  readonly quarantined: (ingresses: number) => void;
  /** Counts a failure to build an Ingress. */
  readonly fault: () => void;
  /** Metrics of the admission webhook. */
  readonly admission: AdmissionMetrics;
  /** Sets `leader_election_status`; the series exists from the first call on. */
  readonly leader: (lease: string, leads: boolean) => void;
  /** `accept`: the header of the request. */
  readonly page: (accept?: string) => MetricsPage;
}

/** The response to a scrape. */
export interface MetricsPage {
  readonly contentType: string;
  /** The parts of the body, which may be long: they are written one after another. */
  readonly parts: AsyncGenerator<string | Uint8Array, void>;
}

const OURS = ['controller_class', 'controller_namespace', 'controller_pod'] as const;
/** In seconds. Live data takes milliseconds, a reload of a large nginx.conf some seconds. */
const SERVED_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/**
 * 13 hex digits are 52 bits, which a double represents exactly. Equal hashes are therefore equal numbers on every
 * replica.
 */
const EXACT_DIGITS = 13;

/** The labels of every metric except those of the process. */
export function ownLabels({
  controllerClass,
  namespace,
  pod,
}: Pick<MetricsOptions, 'controllerClass' | 'namespace' | 'pod'>): Readonly<Record<(typeof OURS)[number], string>> {
  return { controller_class: controllerClass, controller_namespace: namespace, controller_pod: pod };
}

export function createMetrics(options: MetricsOptions): Metrics {
  const { release, build, repository } = options.build;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  // If metrics are off, they are not registered, and the calls below have no effect.
  const registers = options.enabled ? [registry] : [];
  const own = ownLabels(options);
  const { gauge, counter } = metricMakers(registers, own);

  gauge(`${PREFIX}build_info`, 'Always 1; the labels identify the build', ['release', 'build', 'repository']).set(
    { ...own, release, build, repository },
    1,
  );
  const advisories = gauge(
    'tidegate_nginx_advisories',
    'Always 1; one series for each known vulnerability of NGINX that requests can reach',
    ['id'],
  );
  for (const id of options.advisories) advisories.set({ ...own, id }, 1);
  const hash = gauge(
    `${PREFIX}config_hash`,
    'Hash of the configuration that NGINX runs with; the same on replicas with the same configuration',
  );
  const lastGood = gauge(
    `${PREFIX}config_last_reload_successful`,
    '1 if the last reload succeeded and nginx refuses no value of the ConfigMap, otherwise 0',
  );
  let worked: boolean | undefined;
  let settingsRefused = false;
  const lastTime = gauge(
    `${PREFIX}config_last_reload_successful_timestamp_seconds`,
    'Unix time of the last successful reload',
  );
  const success = counter(`${PREFIX}success`, 'Successful reloads; changes to live data do not count');
  const errors = counter(`${PREFIX}errors`, 'Reloads that failed');
  const election = gauge(
    `${PREFIX}leader_election_status`,
    '1 if this pod is the leader, otherwise 0; the label `name` contains the name of the Lease',
    ['name'],
  );
  const outcomes = counter('tidegate_outcomes_total', 'Changes by outcome and kind of change', ['kind', 'reason']);
  const revision = gauge('tidegate_live_revision', 'Revision of the live data in NGINX');
  const quarantined = gauge(
    'tidegate_quarantined_ingresses',
    'Ingresses whose current version is left out, because nginx refuses it or because of a bug in Tidegate',
  );
  const faults = counter(
    'tidegate_internal_faults_total',
    'Failures to build an Ingress, each caused by a bug in Tidegate',
  );
  const served = new Histogram({
    name: 'tidegate_event_to_served_seconds',
    help: 'Time from a change in the cluster until NGINX serves it, by kind of change: live or reload',
    registers,
    labelNames: [...OURS, 'kind'],
    buckets: SERVED_BUCKETS,
  });
  const objects = createObjectMetrics(registers, own);
  const admission = createAdmissionMetrics(options.admission === true ? registers : [], own);
  const workers = createWorkerMetrics(registers, own);
  const processes = createProcessMetrics(registers, own);
  if (options.requests !== undefined) createSeriesMetrics(registers, own, options.requests);
  async function readNginx(): Promise<void> {
    const { nginx, collect } = options;
    const [counts, leftOut, connections, figures] = await Promise.all([
      nginx.workers(),
      nginx.leftOutEndpoints(),
      nginx.connections(),
      nginx.processes(),
      collect(),
    ]);
    workers.set(counts);
    workers.setLeftOut(leftOut?.length);
    processes.set(connections, figures);
  }

  /** All metrics that are not in the registry. */
  function families(): readonly MetricFamily[] {
    const plan = options.plan();
    const { controllerClass, defaultCertificate } = options;
    const ofCertificates = plan === undefined ? [] : certificateFamilies(plan, { controllerClass, defaultCertificate });
    return options.enabled ? [...(options.requests?.families() ?? []), ...ofCertificates] : [];
  }

  async function* text(): AsyncGenerator<string, void> {
    if (options.enabled) await readNginx();
    yield await registry.metrics();
    for (const family of families()) yield* inTurns(familyText(family));
  }

  async function* protobuf(): AsyncGenerator<Uint8Array, void> {
    const { familyBytes } = await import('./exposition/protobuf-format.ts');
    if (options.enabled) await readNginx();
    for (const family of [...(await registryFamilies(registry)), ...families()]) yield* inTurns(familyBytes(family));
  }

  function page(accept?: string): MetricsPage {
    const asProtobuf = options.protobuf === true && wantsProtobuf(accept);
    return asProtobuf ? { contentType: PROTOBUF_TYPE, parts: protobuf() } : { contentType: TEXT_TYPE, parts: text() };
  }

  // The values of the following two metrics are read on each scrape.
  const age = new Gauge({
    name: 'tidegate_api_data_age_seconds',
    help: 'Seconds since the data of the API server was last known to be fresh',
    registers,
    labelNames: [...OURS],
    collect: () => {
      const ms = options.dataAgeMs();
      if (ms === undefined) age.reset();
      else age.set(own, ms / 1000);
    },
  });
  const dropped = new Counter({
    name: 'tidegate_events_dropped_total',
    help: 'Events that were not recorded, by reason',
    registers,
    labelNames: [...OURS, 'reason'],
    collect: () => {
      dropped.reset();
      for (const [reason, count] of Object.entries(options.droppedEvents())) dropped.inc({ ...own, reason }, count);
    },
  });
  // A rate can be calculated only if a counter exists before its first increase.
  success.inc(own, 0);
  errors.inc(own, 0);
  faults.inc(own, 0);

  function runs(confHash: string): void {
    hash.set(own, Number.parseInt(confHash.slice(0, EXACT_DIGITS), 16) || 0);
    worked = true;
    sayWhetherGood();
  }

  /**
   * Sets `config_last_reload_successful`, which has no value until the first attempt to apply a configuration has
   * ended.
   */
  function sayWhetherGood(): void {
    if (worked !== undefined) lastGood.set(own, worked && !settingsRefused ? 1 : 0);
  }

  return {
    outcome: (outcome, { step, reasons, sinceMs, confHash }) => {
      outcomes.inc({ ...own, kind: outcome.kind, reason: reasonClass(reasons) });
      if (outcome.kind === 'live') revision.set(own, outcome.revision);
      if (sinceMs !== undefined && (outcome.kind === 'live' || outcome.kind === 'reload'))
        served.observe({ ...own, kind: outcome.kind }, sinceMs / 1000);
      if (outcome.kind === 'adopted') runs(confHash);
      if (outcome.kind === 'reload' || outcome.kind === 'started') {
        runs(confHash);
        success.inc(own);
        lastTime.set(own, Date.now() / 1000);
      }
      if (outcome.kind === 'refused' || (outcome.kind === 'failed' && step === 'structure')) {
        errors.inc(own);
        worked = false;
        sayWhetherGood();
      }
      // A refused value was reverted, and NGINX already runs with the resulting configuration.
      if (outcome.kind === 'none' && step === 'structure' && worked === false) {
        worked = true;
        sayWhetherGood();
      }
    },
    problems: (all) => {
      objects.problems(all);
      settingsRefused = all.some(({ code, object }) => code === 'refused-by-nginx' && object?.kind === 'ConfigMap');
      sayWhetherGood();
    },
    quarantined: (ingresses) => quarantined.set(own, ingresses),
    fault: () => faults.inc(own),
    admission,
    leader: (lease, leads) => election.set({ ...own, name: lease }, leads ? 1 : 0),
    page,
  };
}

/** Yields the parts, with turns of the event loop in between. */
async function* inTurns<T extends string | Uint8Array>(parts: Iterable<T>): AsyncGenerator<T, void> {
  for (const part of parts) {
    if (part.length > 0) yield part;
    await yieldToEventLoop();
  }
}
