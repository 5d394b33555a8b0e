/**
 * Metrics in Prometheus' format. Names and labels that ingress-nginx had are kept; what it did not have begins with
 * `tidegate_`. No label takes a tenant's text, so that the number of series does not grow with the cluster.
 */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { WorkerCounts } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Problem, Severity } from '../types/problem.ts';
import type { DropReason } from './events.ts';
import { reasonClass } from './reason-class.ts';

export interface BuildInfo {
  readonly release: string;
  /** Commit, or empty. */
  readonly build: string;
  readonly repository: string;
}

export interface MetricsOptions {
  /** `--enable-metrics`; without it only `process_*` and `nodejs_*` are there. */
  readonly enabled: boolean;
  /** `--controller-class`, `POD_NAMESPACE`, `POD_NAME`: labels of everything with a name of ours. */
  readonly controllerClass: string;
  readonly namespace: string;
  readonly pod: string;
  readonly build: BuildInfo;
  /** Milliseconds since the data of the API server was last proven fresh; undefined where there is no API server. */
  readonly dataAgeMs: () => number | undefined;
  readonly droppedEvents: () => Readonly<Record<DropReason, number>>;
  /** What NGINX says of its workers; undefined where it does not answer. */
  readonly workers: () => Promise<WorkerCounts | undefined>;
}

export interface OutcomeDetails {
  /** What was tried: `failed` does not tell by itself. */
  readonly step: 'structure' | 'live';
  readonly reasons: readonly string[];
  /** 16 hex digits: the hash of the nginx.conf that NGINX runs on after this. */
  readonly confHash: string;
}

export interface Metrics {
  readonly outcome: (outcome: Outcome, details: OutcomeDetails) => void;
  /** All Problems there are. */
  readonly problems: (problems: readonly Problem[]) => void;
  readonly quarantined: (ingresses: number) => void;
  /** Building the part of an Ingress failed. */
  readonly fault: () => void;
  /** For `leader_election_status`; the series appears with the first call. */
  readonly leader: (lease: string, leads: boolean) => void;
  readonly contentType: string;
  /** The page of `/metrics`. */
  readonly text: () => Promise<string>;
}

const PREFIX = 'nginx_ingress_controller_';
const OURS = ['controller_class', 'controller_namespace', 'controller_pod'] as const;
const SEVERITIES: readonly Severity[] = ['error', 'warning', 'notice'];
/** 13 hex digits are 52 bits: a double holds them exactly, so that equal hashes are equal numbers on every replica. */
const EXACT_DIGITS = 13;

export function createMetrics(options: MetricsOptions): Metrics {
  const { release, build, repository } = options.build;
  const page = new Registry();
  collectDefaultMetrics({ register: page });
  // Registered nowhere when metrics are off; the calls below then count for nobody.
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

  gauge(`${PREFIX}build_info`, 'Always 1; the labels say which build this is', ['release', 'build', 'repository']).set(
    { ...own, release, build, repository },
    1,
  );
  const hash = gauge(`${PREFIX}config_hash`, 'Hash of the configuration that NGINX runs on; equal on equal replicas');
  const lastGood = gauge(
    `${PREFIX}config_last_reload_successful`,
    'Whether the last reload worked, and nginx refuses no value of the ConfigMap',
  );
  let worked: boolean | undefined;
  let settingsRefused = false;
  const lastTime = gauge(
    `${PREFIX}config_last_reload_successful_timestamp_seconds`,
    'Unix time of the last reload that worked',
  );
  const success = counter(`${PREFIX}success`, 'Reloads that worked; live changes are none');
  const errors = counter(`${PREFIX}errors`, 'Reloads that did not work');
  const election = gauge(`${PREFIX}leader_election_status`, 'Whether this pod leads; name is that of the Lease', [
    'name',
  ]);
  const outcomes = counter(
    'tidegate_outcomes_total',
    'Changes by what they came to, and what kind of change they were',
    ['kind', 'reason'],
  );
  const revision = gauge('tidegate_live_revision', 'Revision of the live data that NGINX has');
  const quarantined = gauge(
    'tidegate_quarantined_ingresses',
    'Ingresses left out because nginx refuses them, or because of a fault of Tidegate',
  );
  const faults = counter(
    'tidegate_internal_faults_total',
    'Times that building the part of one Ingress failed; each is a fault of Tidegate',
  );
  const problems = gauge('tidegate_problems', 'Problems there are now', ['severity']);
  const draining = gauge('tidegate_draining_workers', 'Workers of former configurations that finish what they have');
  const generations = gauge('tidegate_draining_generations', 'Former configurations that such workers belong to');
  const closedEarly = counter(
    'tidegate_connections_closed_early_total',
    'Connections closed because more workers were draining than --max-draining-workers; since the start of NGINX',
  );

  const capacity = gauge('tidegate_live_data_capacity_bytes', 'Size of the dictionary of live data in NGINX');
  const used = gauge('tidegate_live_data_used_bytes', 'What the live data takes of it, in whole pages');

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

  // These two are read when somebody looks.
  const age = new Gauge({
    name: 'tidegate_api_data_age_seconds',
    help: 'Time since the data of the API server was last known to be fresh',
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
  // A rate needs its counters from the start, not from the first failure on.
  success.inc(own, 0);
  errors.inc(own, 0);
  faults.inc(own, 0);

  function runs(confHash: string): void {
    hash.set(own, Number.parseInt(confHash.slice(0, EXACT_DIGITS), 16) || 0);
    worked = true;
    sayWhetherGood();
  }

  /** Before the first reload there is nothing to say. */
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
      // What was refused was taken back, and NGINX ran on with what is wanted again.
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
