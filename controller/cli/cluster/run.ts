/** `tidegate controller`: runs the controller in a Pod, with NGINX in another container, and watches the API server. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Built } from '../../app/build.ts';
import { createController } from '../../app/controller.ts';
import { watchNames } from '../../cluster/index.ts';
import { readCapabilities } from '../../nginx/index.ts';
import { startHttpServer } from '../../report/http-server.ts';
import { createLog, debugOnSignal } from '../../report/logger.ts';
import { createMetrics, ownLabels } from '../../report/metrics.ts';
import type { Plan } from '../../types/plan.ts';
import { emptySnapshot } from '../../types/snapshot.ts';
import { probePort } from '../ports.ts';
import type { ParsedFlags } from '../flag-parser.ts';
import { inspectionOf, listenForInspection } from '../inspection.ts';
import { badKeep, keepMs } from '../keep-certificates.ts';
import { keptFiles } from '../kept-files.ts';
import { findAdvisories } from '../nginx-advisories.ts';
import { countRequests } from '../request-counts.ts';
import { untilSignal } from '../until-signal.ts';
import { startAdmission } from './admission.ts';
import { besideNginx, spacingMs } from './beside-nginx.ts';
import { followChains } from './chains.ts';
import { type Followed, followCluster } from './follow.ts';
import { collectSooner } from './heap.ts';
import { missingHostPolicy } from './host-policy.ts';
import { identify } from './identity.ts';
import { type Leadership, startLeadership } from './leadership.ts';
import { missingNamespace } from './namespace.ts';
import { ownCertificate } from './webhook-certificate.ts';
import { createClusterReport, publishedIngresses } from './report.ts';
import { classChangeIn } from './ingress-class-change.ts';

/** A structural change is applied when nothing else has changed for this time. */
const QUIET_MS = 50;
/** If a structural change takes longer than this, the health check fails. */
const STUCK_MS = 180_000;

/** Runs until a signal. Returns 0 after a signal, and 1 if startup failed. */
export async function runController({ flags, given, notices }: ParsedFlags, release: string): Promise<number> {
  const log = createLog(flags.logFormat, flags.v >= 2 ? 'debug' : 'info');
  debugOnSignal(log);
  const fail = (message: string): 1 => {
    log.error(message);
    return 1;
  };
  log.info(`tidegate ${release} on Node ${process.version}; flags: ${given.join(' ') || 'none'}`);
  for (const notice of notices) log.warn(notice);
  const keepCertificatesMs = keepMs(flags.keepCertificates);
  if (keepCertificatesMs === undefined) return fail(badKeep(flags.keepCertificates));
  const capabilities = await readCapabilities();
  if ('missing' in capabilities) return fail(`missing: ${capabilities.missing.join(', ')}`);

  log.info(
    `NGINX ${capabilities.version}, whose logs go to the output of its own container; waiting for the API server`,
  );
  const advisories = await findAdvisories(capabilities, log);
  const identity = await identify(flags, log);
  if (typeof identity === 'string') return fail(identity);
  const { api, namespace, podName, pod, source } = identity;
  const { runDir, nginx, build } = await besideNginx(flags, capabilities, advisories.http3Obstacle, identity, log);

  // The callbacks use constants that are defined below. That works because they are called only later.
  const state: { followed?: Followed; leadership?: Leadership; leads?: boolean } = {};
  const snapshot = () => state.followed?.watch.current().snapshot ?? emptySnapshot();
  const buildInfo = { release, build: '', repository: 'tidegate' };
  const who = { controllerClass: flags.controllerClass, namespace: namespace ?? '', pod: podName ?? '' };
  const counts = countRequests({
    flags,
    nginx,
    own: ownLabels(who),
    log,
    prefix: build.options.annotationsPrefix,
    annotationsOf: (key) => snapshot().Ingress.get(key)?.metadata?.annotations ?? {},
    onProblems: (problems) => report.traffic(problems),
    onCounted: (counted) => inspection.counted(counted),
    httpsPort: flags.httpsPort,
  });
  const metrics = createMetrics({
    ...who,
    enabled: flags.enableMetrics,
    build: buildInfo,
    dataAgeMs: () => state.followed?.watch.ageMs(),
    droppedEvents: () => report.dropped(),
    nginx,
    advisories: advisories.ids,
    requests: counts.metrics,
    protobuf: flags.bucketFactor > 1,
    collect: counts.collect,
    plan: () => controller.plan(),
    defaultCertificate: flags.defaultSslCertificate,
    admission: flags.validatingWebhook !== '',
  });
  const inspected = {
    log,
    runDir,
    port: flags.inspectionPort,
    identity: {
      command: 'controller' as const,
      versions: { tidegate: release, node: process.version, nginx: capabilities.version },
      controllerClass: flags.controllerClass,
      ingressClass: flags.ingressClass,
      namespace: namespace ?? null,
      pod: podName ?? null,
    },
    options: build.options,
    front: { ports: { http: flags.httpPort, https: flags.httpsPort }, strictAccess: flags.strictAccess },
    nginx,
    controller: () => controller,
    locate: () => undefined,
    dataAgeMs: () => state.followed?.watch.ageMs(),
    leads: () => state.leads,
    durationBounds: counts.durationBounds,
    collectCounts: counts.collect,
    sessions: () => counts.metrics?.sessions(),
    logsToFiles: false,
  };
  const inspection = inspectionOf(inspected);
  const report = createClusterReport({
    api,
    flags,
    log,
    metrics,
    inspection,
    standing: advisories.problems,
    pod,
    snapshot,
    confHash: () => /^# Configuration checksum: ([0-9a-f]{16})/.exec(nginx.currentConf() ?? '')?.[1] ?? '',
    quarantined: () => controller.quarantined(),
    serves: (key) => controller.plan()?.ingresses.has(key) ?? false,
  });
  const names = watchNames((resolved) => controller.resolved(resolved));
  const chains = followChains(flags, (known) => controller.completed(known));
  const references = watchReferences(() => state.followed);
  const ingresses = noticeIngresses(() => state.leadership?.changed());
  const controller = createController({
    nginx,
    build,
    report: report.reporter,
    beforeStart: async () => undefined,
    onBuilt: (built) => {
      counts.built(built.plan);
      names.set(built.plan.externalNames);
      chains.follow(built);
      references(built);
      ingresses(built);
    },
    served: () => state.leadership?.changed(),
    ports: { probe: probePort, own: `UDP ${flags.streamPort}` },
    ...keptFiles(runDir, log, keepCertificatesMs),
    quietMs: QUIET_MS,
    spacingMs: spacingMs(flags),
  });
  const certificate = ownCertificate({ flags, api, namespace, leads: () => state.leads ?? true, log });
  const listen = async () => {
    const { fault } = report.reporter;
    const { pair } = certificate;
    const webhook = await startAdmission({ flags, api, build, controller, snapshot, log, metrics, fault, pair });
    if ('obstacle' in webhook) return webhook;
    const server = await startHttpServer({
      host: flags.healthzHost,
      port: flags.healthzPort,
      healthPath: flags.healthCheckPath,
      sick: () => (controller.busyMs() > STUCK_MS ? 'a reload has not finished' : undefined),
      metrics,
      build: { ...buildInfo, nginx: capabilities.version },
    });
    if (!('obstacle' in server)) return { http: server, admission: webhook };
    // A server that listens would keep the process alive.
    await webhook.close();
    return server;
  };
  const listening = await listen();
  if ('obstacle' in listening) {
    await certificate.close();
    return fail(listening.obstacle);
  }
  const { http, admission } = listening;
  await listenForInspection(inspection, inspected);

  const stopping = new AbortController();
  const signalled = untilSignal(['SIGTERM', 'SIGINT', 'SIGQUIT']).then(() => stopping.abort());
  log.info('waiting for the first lists of Ingresses, Services, EndpointSlices and IngressClasses');
  const followed = await followCluster({
    flags,
    api,
    options: build.options,
    log,
    onWaiting: (problems) => report.reporter.problems(problems),
    noticed: report.noticed,
    signal: stopping.signal,
  });

  /** Starts NGINX with the configuration for the objects in the first lists. Returns undefined, or why that failed. */
  async function start({ first }: Followed): Promise<string | undefined> {
    if (first === undefined) return 'the cluster could not be read';
    const missing = await missingNamespace(flags, api, (message) => log.info(message), namespace);
    const obstacle = missing ?? missingHostPolicy(flags, first.snapshot);
    return obstacle ?? (await controller.start(first).catch(String));
  }

  function lead({ watch }: Followed): Leadership | undefined {
    if (pod === undefined || flags.disableLeaderElection || 'obstacle' in source) return undefined;
    state.leads = false;
    return startLeadership({
      api,
      flags,
      log,
      metrics,
      pod,
      source,
      ingresses: () => publishedIngresses(controller.plan()?.ingresses ?? [], watch, controller.serves),
      classChangeOf: (key) => classChangeIn(snapshot(), key, build.options),
      onProblem: (problem) => {
        if (problem !== undefined) log.warn(problem.message);
      },
      onContested: report.contested,
      onChange: (leads) => {
        state.leads = leads;
        report.leading(leads);
        if (leads) certificate.wake();
      },
    });
  }

  async function serve(following: Followed): Promise<number> {
    state.followed = following;
    log.info(`waiting for NGINX to answer at ${path.join(runDir, 'run')}, and to serve the current state`);
    const obstacle = await start(following);
    if (obstacle !== undefined) return fail(`NGINX was not started: ${obstacle}`);
    following.deliver(controller.handle);
    const leadership = lead(following);
    if (leadership !== undefined) state.leadership = leadership;
    log.info('ready');
    collectSooner();
    await signalled;
    http.shuttingDown();
    await nginx.drain().catch((error: unknown) => log.warn(`NGINX could not be told to drain: ${String(error)}`));
    await sleep(flags.shutdownGracePeriod * 1000);
    return 0;
  }

  const code = followed === undefined ? 1 : await serve(followed);
  await state.leadership?.end();
  await admission.close();
  await certificate.close();
  controller.close();
  names.close();
  counts.close();
  chains.close();
  followed?.watch.close();
  await report.close();
  await sleep(flags.postShutdownGracePeriod * 1000);
  await nginx.release();
  await inspection.close();
  await http.close();
  await api.close();
  log.info('stopped; NGINX is finishing its open requests');
  return code;
}

/**
 * Returns a function that is called after each build and makes the watch read the Secrets and ConfigMaps to which the
 * build refers.
 */
function watchReferences(followed: () => Followed | undefined): (built: Built) => void {
  let told: Pick<Plan, 'secrets' | 'configMaps'> | undefined;
  return ({ plan: { secrets, configMaps } }) => {
    const watch = followed()?.watch;
    // A build with the same references returns the same Set objects, so that thousands of names need not be compared.
    if (watch === undefined || (told?.secrets === secrets && told.configMaps === configMaps)) return;
    told = { secrets, configMaps };
    watch.reference(told);
  };
}

/**
 * Returns a function that is called after each build, and calls `changed` if the status of any Ingress may have to be
 * written because of that build.
 */
function noticeIngresses(changed: () => void): (built: Built) => void {
  let last: readonly unknown[] = [];
  return ({ plan: { ingresses }, snapshot: { Ingress, IngressClass } }) => {
    const now = [ingresses, Ingress, IngressClass];
    const same = now.every((each, index) => each === last[index]);
    last = now;
    if (!same) changed();
  };
}
