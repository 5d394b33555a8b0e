/** `tidegate controller`: the controller beside an NGINX sidecar, its cluster behind an API server. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { createController } from '../../app/controller.ts';
import { referencesOf } from '../../app/assembly.ts';
import { fallbackCertificate } from '../../app/fallback-certificate.ts';
import { createKeptStore } from '../../app/kept-store.ts';
import { createLastGood } from '../../app/last-good.ts';
import { processors } from '../../app/processors.ts';
import { type ApiWatch, loadApi, watchApi, watchNames } from '../../cluster/index.ts';
import { keepingFor } from '../../model/keeping.ts';
import { createSidecarNginx, readCapabilities } from '../../nginx/index.ts';
import { startHttpServer } from '../../report/http-server.ts';
import { createLog } from '../../report/logger.ts';
import { createMetrics } from '../../report/metrics.ts';
import { readOwnPod } from '../../report/own-pod.ts';
import { badKeep, keepMs } from '../keep-certificates.ts';
import { emptySnapshot, type ReferencedObjects, type SnapshotEvent } from '../../types/snapshot.ts';
import type { ParsedFlags } from '../flag-parser.ts';
import { assembleWith, BUILT_IN_TEMPLATES, linkLua, loadRender, modelOptions, renderOptions } from '../stages.ts';
import { apiOptions } from './api-options.ts';
import { modelArguments, spacingMs } from './arguments.ts';
import { completeChains } from './chains.ts';
import { collectSooner } from './heap.ts';
import { type Leadership, startLeadership } from './leadership.ts';
import { missingNamespace } from './namespace.ts';
import { addressSource, createClusterReport, publishedIngresses } from './report.ts';
import { ownZone } from './zone.ts';
import { whereaboutsIn } from './whereabouts.ts';

const QUIET_MS = 50;
/** A structural change that takes longer than this is stuck. */
const STUCK_MS = 180_000;

/** Serves until a signal. 0: ended in order; 1: could not start. */
export async function runController(flags: ParsedFlags, release: string): Promise<number> {
  const log = createLog(
    flags.text('log-format') === 'text' ? 'text' : 'json',
    flags.number('v') >= 2 ? 'debug' : 'info',
  );
  const fail = (message: string): 1 => {
    log.error(message);
    return 1;
  };
  log.info(`tidegate ${release} on Node ${process.version}; flags: ${flags.given.join(' ') || 'none'}`);
  for (const notice of flags.notices) log.warn(notice);
  const keepCertificatesMs = keepMs(flags.text('keep-certificates'));
  if (keepCertificatesMs === undefined) return fail(badKeep(flags.text('keep-certificates')));
  const found = await readCapabilities();
  if ('missing' in found) return fail(`missing: ${found.missing.join(', ')}`);

  // Who am I, and who answers for the cluster.
  log.info(`NGINX ${found.version}; waits for the API server`);
  const api = await loadApi(apiOptions(flags)).catch((error: unknown) => String(error));
  if (typeof api === 'string') return fail(api);
  const [namespace, podName] = [process.env['POD_NAMESPACE'], process.env['POD_NAME']];
  const own = namespace === undefined || podName === undefined ? undefined : await readOwnPod(api, namespace, podName);
  if (own?.ok === false)
    log.warn(`the own pod ${namespace}/${podName} cannot be read, and no status is written: ${own.message}`);
  const pod = own?.ok === true ? own.value : undefined;
  const source = addressSource(api, flags, pod);
  if ('obstacle' in source && flags.bool('update-status') && pod !== undefined) return fail(source.obstacle);
  const zone = await ownZone(flags, api, pod, (message) => log.warn(message));

  // NGINX, and what it is given.
  const runDir = path.resolve(flags.text('run-dir'));
  await mkdir(path.join(runDir, 'controller'), { recursive: true });
  await linkLua(runDir);
  const nginx = createSidecarNginx({
    runDir,
    capabilities: found,
    log: (text) => log.warn(text),
    ...drainingCap(flags),
  });
  const given = modelArguments(flags, await processors(), pod, zone);
  const certificate = await fallbackCertificate(path.join(runDir, 'controller', 'fallback.pem'));
  const render = await loadRender(given.templateDir ?? BUILT_IN_TEMPLATES, {
    ...renderOptions(given, found, runDir, certificate),
    httpListenPort: flags.number('http-listen-port'),
    httpsListenPort: flags.number('https-listen-port'),
    statusPort: flags.number('status-port'),
    logs: 'container',
  });

  // Report.
  const build = { release, build: '', repository: 'tidegate' };
  const state: { watch: ApiWatch | undefined; leadership: Leadership | undefined } = {
    watch: undefined,
    leadership: undefined,
  };
  const metrics = createMetrics({
    enabled: flags.bool('enable-metrics'),
    controllerClass: flags.text('controller-class'),
    namespace: namespace ?? '',
    pod: podName ?? '',
    build,
    dataAgeMs: () => state.watch?.ageMs(),
    droppedEvents: () => report.dropped(),
    workers: () => nginx.workers(),
  });
  const report = createClusterReport({
    api,
    flags,
    log,
    metrics,
    pod,
    snapshot: () => state.watch?.current().snapshot ?? emptySnapshot(),
    confHash: () => /^# Configuration checksum: ([0-9a-f]{16})/.exec(nginx.currentConf() ?? '')?.[1] ?? '',
    quarantined: () => controller.quarantined(),
    serves: (key) => controller.plan()?.ingresses.has(key) ?? false,
  });
  const names = watchNames((resolved) => controller.resolved(resolved));
  const chains = completeChains(flags, given.bounds, (known) => controller.completed(known));
  let referenced: ReferencedObjects | undefined;
  const controller = createController({
    nginx,
    assemble: assembleWith(given, certificate, found, () => render),
    report: report.reporter,
    beforeStart: async () => undefined,
    assembled: (assembly) => {
      const { plan } = assembly;
      names.set(plan.externalNames);
      chains.follow(assembly);
      // The same sets for as long as they say the same: thousands of Secrets are not gone through for nothing.
      const same = referenced?.secrets === plan.secrets && referenced.configMaps === plan.configMaps;
      if (state.watch !== undefined && !same) {
        referenced = { secrets: plan.secrets, configMaps: plan.configMaps };
        state.watch.reference(referenced);
      }
      state.leadership?.changed();
    },
    served: () => state.leadership?.changed(),
    lastGood: createLastGood(path.join(runDir, 'controller', 'last-good.json'), (message) => log.warn(message)),
    keptStore: createKeptStore(path.join(runDir, 'controller', 'kept'), (message) => log.warn(message)),
    keepCertificatesMs,
    quietMs: QUIET_MS,
    spacingMs: spacingMs(flags),
  });
  const http = await startHttpServer({
    host: flags.text('healthz-host'),
    port: flags.number('healthz-port'),
    healthPath: flags.text('health-check-path'),
    sick: () => (controller.busyMs() > STUCK_MS ? 'a reload does not end' : undefined),
    metrics,
    build: { ...build, nginx: found.version },
  });
  if ('obstacle' in http) return fail(http.obstacle);

  // Follow the cluster.
  const stopping = new AbortController();
  const signalled = untilSignal(stopping);
  const waiting: SnapshotEvent[] = [];
  let deliver = (event: SnapshotEvent): void => void waiting.push(event);
  const options = modelOptions(given, certificate, found);
  log.info('waits for the first lists of Ingresses, Services, EndpointSlices and IngressClasses');
  const watch = await watchApi(
    api,
    {
      ...scope(flags),
      ...(given.configmap === '' ? {} : { configMap: given.configmap }),
      secrets: new Set(given.defaultSslCertificate === undefined ? [] : [given.defaultSslCertificate]),
      services: new Set(given.defaultBackendService === undefined ? [] : [given.defaultBackendService]),
      referencesOf: (snapshot, ingresses) => referencesOf(snapshot, options, ingresses),
      onWaiting: (problems) => report.reporter.problems(problems),
      tuning: { keeping: keepingFor(options) },
      signal: stopping.signal,
    },
    (event) => {
      report.noticed(event);
      deliver(event);
    },
  ).catch((error: unknown) => {
    if (!stopping.signal.aborted) log.error(`the cluster cannot be watched: ${String(error)}`);
  });
  let code = 1;
  if (watch !== undefined) {
    state.watch = watch;
    const first = waiting.shift();
    log.info(`waits for NGINX to answer at ${path.join(runDir, 'run')}, and to serve what was read`);
    const obstacle =
      first === undefined
        ? 'the cluster could not be read'
        : ((await missingNamespace(flags, api, (message) => log.info(message), namespace)) ??
          (await controller.start(first).catch(String)));
    if (obstacle === undefined) {
      code = 0;
      deliver = controller.handle;
      for (const event of waiting) controller.handle(event);
      if (pod !== undefined && !flags.bool('disable-leader-election') && !('obstacle' in source)) {
        state.leadership = startLeadership({
          api,
          flags,
          log,
          metrics,
          pod,
          source,
          ingresses: () => publishedIngresses(controller.plan()?.ingresses ?? [], watch, controller.serves),
          whereabouts: (key) => whereaboutsIn(watch.current().snapshot, key, options),
          onProblem: (problem) => {
            if (problem !== undefined) log.warn(problem.message);
          },
          onContested: report.contested,
          onChange: report.leading,
        });
      }
      log.info('ready');
      collectSooner();
      await signalled;
      http.shuttingDown();
      await nginx.drain().catch((error: unknown) => log.warn(`NGINX was not told to drain: ${String(error)}`));
      await pause(flags.number('shutdown-grace-period'));
    } else log.error(`NGINX was not started: ${obstacle}`);
  }
  await state.leadership?.end();
  controller.close();
  names.close();
  chains.close();
  watch?.close();
  await report.close();
  await pause(flags.number('post-shutdown-grace-period'));
  await nginx.release();
  await http.close();
  await api.close();
  log.info('ended; NGINX finishes what is under way by itself');
  return code;
}

/** 0: as many as the driver allows by itself. */
function drainingCap(flags: ParsedFlags) {
  const most = flags.number('max-draining-workers');
  return most < 1 ? {} : { maxDrainingWorkers: Math.floor(most) };
}

function scope(flags: ParsedFlags) {
  const [namespace, selector] = [flags.text('watch-namespace'), flags.text('watch-namespace-selector')];
  return {
    ...(namespace === '' ? {} : { watchNamespace: namespace }),
    ...(selector === '' ? {} : { watchNamespaceSelector: selector }),
  };
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
  });
}

/** Resolves with the first signal that asks to end; a second one ends at once. */
function untilSignal(stopping: AbortController): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
      process.on(signal, () => {
        if (stopping.signal.aborted) process.exit(1);
        stopping.abort();
        resolve();
      });
    }
  });
}
