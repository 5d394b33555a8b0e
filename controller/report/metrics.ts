/**
 * Metrics in the Prometheus format. Metrics that ingress-nginx also has use its names and labels; all others begin with
 * `tidegate_`. No label contains a tenant's text, so the number of series does not grow with the cluster.
 */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { WorkerCounts } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Problem, Severity } from '../types/problem.ts';
import type { DropReason } from './events.ts';
import { reasonClass } from './reason-class.ts';

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
  /** NGINX's report about its workers; undefined if NGINX does not respond. */
  readonly workers: () => Promise<WorkerCounts | undefined>;
}

export interface OutcomeDetails {
  /** Which part was changed; the Outcome `failed` does not contain this. */
  readonly step: 'structure' | 'live';
  readonly reasons: readonly string[];
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
  /** Sets `leader_election_status`; the series exists from the first call on. */
  readonly leader: (lease: string, leads: boolean) => void;
  readonly contentType: string;
  /** The body of `/metrics`. */
  readonly text: () => Promise<string>;
}

const PREFIX = 'nginx_ingress_controller_';
const OURS = ['controller_class', 'controller_namespace', 'controller_pod'] as const;
const SEVERITIES: readonly Severity[] = ['error', 'warning', 'notice'];
/**
 * 13 hex digits are 52 bits, which a double represents exactly. Equal hashes are therefore equal numbers on every
 * replica.
 */
const EXACT_DIGITS = 13;

export function createMetrics(options: MetricsOptions): Metrics {
  const { release, build, repository } = options.build;
  const page = new Registry();
  collectDefaultMetrics({ register: page });
  // If metrics are off, they are not registered, and the calls below have no effect.
  const registers = options.enabled ? [page] : [];
  const own = {
    controller_class: options.controllerClass,
    controller_namespace: options.namespace,
    controller_pod: options.pod,
  };
  const gauge = (name: string, help: string, labels: readonly string[] = []) =>
    new Gauge({ name, help, registers, labelNames: [...OURS, ...labels] });
  const counter = (name: string, help: string, labels: readonly string[] = []) =>
    new Counter({ name, help, registers, labelNames: [...OURS, ...labels] });

  gauge(`${PREFIX}build_info`, 'Always 1; the labels identify the build', ['release', 'build', 'repository']).set(
    { ...own, release, build, repository },
    1,
  );
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
    '1 if this pod is the leader, otherwise 0; the label name is the name of the Lease',
    ['name'],
  );
  const outcomes = counter('tidegate_outcomes_total', 'Changes by outcome and kind of change', ['kind', 'reason']);
  const revision = gauge('tidegate_live_revision', 'Revision of the live data in NGINX');
  const quarantined = gauge(
    'tidegate_quarantined_ingresses',
    'Ingresses left out because nginx refuses them, or because of a bug in Tidegate',
  );
  const faults = counter(
    'tidegate_internal_faults_total',
    'How often building an Ingress failed; each time is a bug in Tidegate',
  );
  const problems = gauge('tidegate_problems', 'Current Problems', ['severity']);
  const draining = gauge(
    'tidegate_draining_workers',
    'Workers of earlier configurations that are finishing their connections',
  );
  const generations = gauge('tidegate_draining_generations', 'Earlier configurations that still have draining workers');
  const closedEarly = counter(
    'tidegate_connections_closed_early_total',
    'Connections closed since the start of NGINX because more workers than --max-draining-workers were draining',
  );

  const capacity = gauge('tidegate_live_data_capacity_bytes', 'Size of the dictionary of live data in NGINX');
  const used = gauge(
    'tidegate_live_data_used_bytes',
    'Used bytes of the dictionary of live data in NGINX, in whole pages',
  );

  async function readWorkers(): Promise<void> {
    const counts = options.enabled ? await options.workers() : undefined;
    closedEarly.reset();
    if (counts === undefined) {
      draining.reset();
      generations.reset();
      capacity.reset();
      used.reset();
      return;
    }
    draining.set(own, counts.draining);
    generations.set(own, counts.drainingGenerations);
    closedEarly.inc(own, counts.closedEarly);
    capacity.set(own, counts.live.capacity);
    used.set(own, counts.live.capacity - counts.live.free);
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

  /** Sets `config_last_reload_successful`, which has no value until the first attempt to apply a configuration has ended. */
  function sayWhetherGood(): void {
    if (worked !== undefined) lastGood.set(own, worked && !settingsRefused ? 1 : 0);
  }

  return {
    outcome: (outcome, { step, reasons, confHash }) => {
      outcomes.inc({ ...own, kind: outcome.kind, reason: reasonClass(reasons) });
      if (outcome.kind === 'live') revision.set(own, outcome.revision);
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
      for (const severity of SEVERITIES) {
        problems.set({ ...own, severity }, all.filter((problem) => problem.severity === severity).length);
      }
      settingsRefused = all.some(({ code, object }) => code === 'refused-by-nginx' && object?.kind === 'ConfigMap');
      sayWhetherGood();
    },
    quarantined: (ingresses) => quarantined.set(own, ingresses),
    fault: () => faults.inc(own),
    leader: (lease, leads) => election.set({ ...own, name: lease }, leads ? 1 : 0),
    contentType: page.contentType,
    text: async () => {
      await readWorkers();
      return page.metrics();
    },
  };
}
