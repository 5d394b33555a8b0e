/**
 * The controller's main loop. Live data is sent at once, even while a build is running or NGINX is testing or reloading
 * a configuration. Changes that need a reload are coalesced and applied one at a time.
 */
import { isDeepStrictEqual } from 'node:util';
import type { LiveDocument } from '../types/live.ts';
import type { Nginx } from '../types/nginx.ts';
import type { Plan } from '../types/plan.ts';
import type { Problem } from '../types/problem.ts';
import { emptySnapshot, type SnapshotEvent } from '../types/snapshot.ts';
import { type FinishedBuild, createBuildLoop } from './build-loop.ts';
import type { Build, Built, Overrides } from './build.ts';
import { certificateSecrets } from './certificate-secrets.ts';
import { createEndpointChanges } from './endpoint-changes.ts';
import { onlyEndpoints } from './endpoints.ts';
import { createLive } from './live.ts';
import { watchExpiry } from './expired-certificates.ts';
import { keepCertificates } from './kept-certificates.ts';
import { type KeptStore, NO_STORE } from './kept-store.ts';
import { keepLastGoodObjects } from './last-good-objects.ts';
import { type LastGood, NO_LAST_GOOD } from './last-good.ts';
import { createOverrides } from './overrides.ts';
import { createQuarantine } from './quarantine.ts';
import { createRefusals } from './refusals.ts';
import { createReloadShares } from './reload-shares.ts';
import { createRetries } from './retries.ts';
import type { Reporter } from './reporter.ts';
import { createServed } from './served.ts';
import { inSlices } from '../time/slices.ts';
import { createStreamPorts, NO_STREAM_PORTS, type StreamPortsOptions } from './stream-ports.ts';
import { createStructure } from './structure.ts';
import { createLeaveUnbound } from './unbound.ts';

export type { Reporter } from './reporter.ts';

export interface ControllerOptions {
  readonly nginx: Nginx;
  readonly build: Build;
  readonly report: Reporter;
  /**
   * Called before NGINX is started, but not if a running NGINX is adopted. If it resolves to a message, the start is
   * aborted with that message.
   */
  readonly beforeStart: () => Promise<string | undefined>;
  /** Called after each build, because objects that the build refers to may have to be watched. */
  readonly onBuilt: (built: Built) => void;
  /** Called when NGINX may serve more Ingresses than before. */
  readonly served: () => void;
  /** How ports of TCP and UDP services are tried. Absent: every port is regarded as usable. */
  readonly ports?: Pick<StreamPortsOptions, 'probe' | 'own'>;
  readonly quietMs: number;
  readonly spacingMs: number;
  /**
   * Maximum time that a certificate is kept after its Secret became unusable, in ms. Infinity, the default: until the
   * certificate expires.
   */
  readonly keepCertificatesMs?: number;
  /** Stores what is served instead of what nginx refuses, for the next controller process. */
  readonly lastGood?: LastGood;
  /** Stores the last good Secrets and ConfigMaps, for the next controller process. */
  readonly keptStore?: KeptStore;
}

export interface Controller {
  /** Starts NGINX with the first Snapshot, or adopts a running NGINX. Resolves to an error message if that fails. */
  readonly start: (event: SnapshotEvent) => Promise<string | undefined>;
  readonly handle: (event: SnapshotEvent) => void;
  /** Applies new addresses of DNS names. */
  readonly resolved: (names: Overrides['resolvedNames']) => void;
  /** Applies new intermediate certificates. */
  readonly completed: (intermediates: NonNullable<Overrides['intermediates']>) => void;
  /** Rebuilds everything because the templates changed; `reason` is logged. */
  readonly refresh: (reason: string) => void;
  /** The Plan of the last build; undefined before the first build. */
  readonly plan: () => Plan | undefined;
  /** The last build, and the live data that NGINX should have; undefined before the first build. */
  readonly current: () => { readonly built: Built; readonly live: LiveDocument } | undefined;
  /** Whether NGINX serves the Ingress `namespace/name` to every new request. */
  readonly serves: (key: string) => boolean;
  /**
   * How long the structural change (one that needs a reload) in progress has taken so far, in ms; 0 if there is none.
   */
  readonly busyMs: () => number;
  /** Resolves once no build is under way, at the latest after this time. */
  readonly settled: (ms: number) => Promise<void>;
  /** The number of Ingresses that are left out because nginx refuses them or because they cannot be built. */
  readonly quarantined: () => number;
  /** The Ingresses that are left out, each with what is served instead. */
  readonly leftOut: () => Overrides['quarantine'];
  readonly close: () => void;
}

const EXPIRY_MS = 60_000;
/** How often ports of TCP and UDP services are tried again that another program used. */
const PORTS_MS = 10_000;

export function createController(options: ControllerOptions): Controller {
  const { nginx, report, lastGood = NO_LAST_GOOD, keptStore = NO_STORE } = options;
  const quarantine = createQuarantine(options.build.options.configMap);
  let latest: Built | undefined;
  /** True once NGINX runs, so that builds can be applied. */
  let started = false;
  let readProblems: readonly Problem[] = [];
  let reported: readonly Problem[] | undefined;

  const live = createLive({ nginx, report: report.live });
  const buildLoop = createBuildLoop(
    {
      build: options.build,
      overrides: () => overrides.current(),
      good: () => structure.good(),
      faulty: (faults) => {
        for (const [key, { entry, error }] of faults) {
          quarantine.fault(key, entry);
          report.fault(key, error);
        }
      },
      done: onBuilt,
      failed: (message) => report.error(`the build failed, so the previous configuration stays in force: ${message}`),
    },
    emptySnapshot(),
  );
  const rebuild = (): void => buildLoop.request();
  const certificates = keepCertificates({
    bounds: options.build.options.bounds,
    keepMs: options.keepCertificatesMs ?? Infinity,
    store: keptStore,
    ended: rebuild,
  });
  const objects = keepLastGoodObjects({
    bounds: options.build.options.bounds,
    keepMs: options.keepCertificatesMs ?? Infinity,
    store: keptStore,
    ended: rebuild,
  });
  const expiry = watchExpiry({
    bounds: options.build.options.bounds,
    warningDays: options.build.options.certificateWarningDays,
    latest: () => latest,
    passed: rebuild,
    everyMs: EXPIRY_MS,
  });
  const overrides = createOverrides({
    streamPorts: options.ports === undefined ? undefined : new Map(),
    leftOut: quarantine.leftOut,
    keptSecrets: certificates.kept,
    lastGood: objects.kept,
    now: expiry.now,
  });
  const streamPorts =
    options.ports === undefined
      ? NO_STREAM_PORTS
      : createStreamPorts({
          ...options.ports,
          currentConf: () => nginx.currentConf(),
          changed: (known) => {
            overrides.found({ streamPorts: known });
            if (started) rebuild();
          },
          everyMs: PORTS_MS,
        });
  const endpoints = createEndpointChanges({ live, report: report.live, overrides: overrides.current, rebuild });
  const served = createServed(options.served);
  const refusals = createRefusals({ build: options.build, nginx, state: quarantine, overrides: overrides.current });
  const structure = createStructure({
    ...options,
    live,
    latest: () => latest,
    buildNow: () => buildLoop.now(),
    building: buildLoop.busy,
    overrides: overrides.current,
    inForce: ({ plan, snapshot }) => {
      objects.inForce(plan, snapshot);
      quarantine.acceptTexts(plan.settingTexts);
      lastGood.save(quarantine.leftOut());
      served.confirmed(plan.ingresses);
    },
    decide: refusals.decide,
    leaveUnbound: createLeaveUnbound({
      state: quarantine,
      streamPorts,
      probe: options.ports?.probe ?? (async () => undefined),
    }),
    rebuild,
  });
  const reloadShares = createReloadShares(options.spacingMs);
  const retries = createRetries({
    state: quarantine,
    retry: refusals.retry,
    snapshot: () => latest?.snapshot,
    good: structure.good,
    rebuild,
    // Not urgent: otherwise hundreds of refused Ingresses could cause one reload each, merely so that their paths
    // answer 503.
    refused: () => buildLoop.request({ changes: [], noticedAt: performance.now(), patient: true }),
    failed: report.error,
  });

  function onBuilt({ built, trigger, newest, overtaken }: FinishedBuild): void {
    latest = built;
    live.setTarget(built.artifact, endpoints.afterBuild(built, overtaken, newest));
    // Before the report, because clients wait for the change.
    if (started) apply(built, trigger);
    reportProblems(built);
    if (started) void streamPorts.want(built.plan.streamPorts);
    options.onBuilt(built);
  }

  /** Reports all Problems, but only if they changed: the report processes the whole list each time. */
  function reportProblems(built: Built): void {
    const all = [...readProblems, ...built.problems];
    // This is fast because a build reuses the Problems of the previous one, except for the few that belong to no
    // Ingress.
    if (isDeepStrictEqual(all, reported)) return;
    reported = all;
    report.problems(all);
  }

  function apply(built: Built, { changes, noticedAt, patient }: FinishedBuild['trigger']): void {
    const structural = structure.consider(built, noticedAt, () => patient === true || reloadShares.isPatient(changes));
    void live.send({ routes: built.plan.live.routes, changes, since: noticedAt, quiet: structural });
  }

  /** Restores what the previous controller process served instead of refused or unusable objects. */
  async function restore(event: SnapshotEvent): Promise<void> {
    readProblems = event.problems;
    certificates.noticed(event, new Set());
    quarantine.restore(await lastGood.load(event.snapshot));
    const stored = await keptStore.load();
    objects.recover(stored);
    await inSlices(certificates.recover(stored, await nginx.lastLive(), event.snapshot));
  }

  /** Called once NGINX runs. From now on builds are applied; the newest one is applied at once. */
  function begin(): void {
    started = true;
    retries.begin();
    if (latest !== undefined) apply(latest, { changes: [], noticedAt: performance.now() });
  }

  async function adopt(built: Built): Promise<string | undefined> {
    const { outcome } = await nginx.want(live.target());
    if (outcome.kind === 'failed' && outcome.others !== 'taken') return outcome.message;
    if (outcome.kind !== 'none') report.live(outcome, ['live data differed from the data in NGINX']);
    await structure.adopt(built);
    return undefined;
  }

  return {
    start: async (event) => {
      const opened = await nginx.open();
      await restore(event);
      const first = await buildLoop.now(event.snapshot);
      const built = (await streamPorts.want(first.plan.streamPorts)) ? await buildLoop.now() : first;
      certificates.retain(certificateSecrets(built.plan));
      if (opened.kind !== 'none') report.structure(opened, []);
      const obstacle = await (opened.kind === 'none' ? structure.coldStart(built) : adopt(built));
      if (obstacle === undefined) begin();
      return obstacle;
    },
    handle: (event) => {
      readProblems = event.problems;
      certificates.noticed(event, latest === undefined ? new Set() : certificateSecrets(latest.plan));
      quarantine.noticed(event.changes, event.snapshot, structure.good());
      retries.look();
      const services = buildLoop.overtake(event);
      if (latest !== undefined && onlyEndpoints(event.changes)) endpoints.send(event, latest, services);
      else buildLoop.request(event, event.snapshot);
    },
    resolved: (resolvedNames) => {
      overrides.found({ resolvedNames });
      rebuild();
    },
    completed: (intermediates) => {
      overrides.found({ intermediates });
      rebuild();
    },
    refresh: (reason) => {
      report.info(reason);
      quarantine.rebuildable();
      retries.look();
      rebuild();
    },
    plan: () => latest?.plan,
    current: () => (latest === undefined ? undefined : { built: latest, live: live.target().live }),
    serves: served.has,
    busyMs: structure.busyMs,
    settled: buildLoop.settled,
    quarantined: () => quarantine.leftOut().quarantine.size,
    leftOut: () => quarantine.leftOut().quarantine,
    close: () => {
      buildLoop.close();
      structure.close();
      retries.close();
      live.close();
      served.close();
      certificates.close();
      objects.close();
      expiry.close();
      streamPorts.close();
      endpoints.close();
    },
  };
}
