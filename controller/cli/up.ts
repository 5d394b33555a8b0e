/** `tidegate up`: serves manifests from a folder through an NGINX on this machine. */
import path from 'node:path';
import { createController } from '../app/controller.ts';
import { fallbackCertificate } from '../app/fallback-certificate.ts';
import { watchTemplates } from '../app/template-watch.ts';
import { watchManifests, watchNames } from '../cluster/index.ts';
import { createNginx, readCapabilities } from '../nginx/index.ts';
import { faultText } from '../report/fault-text.ts';
import { createLog, debugOnSignal, type Log } from '../report/logger.ts';
import { logOutcome } from '../report/outcome-log.ts';
import { problemText } from '../report/problem-text.ts';
import { createProblemLog } from '../report/problem-log.ts';
import { FORMER_SOCKET_MS, usesFormerSocket } from './former-tls-socket.ts';
import { USUAL_PORT } from '../inspect/http/listen.ts';
import { errorText } from '../types/error-text.ts';
import type { Capabilities, MissingSoftware, Nginx } from '../types/nginx.ts';
import { announce } from './announce.ts';
import { inspectionOf, listenForInspection } from './inspection.ts';
import { badKeep, keepMs } from './keep-certificates.ts';
import type { Outcome } from '../types/outcome.ts';
import type { Locator, Problem } from '../types/problem.ts';
import type { SnapshotEvent } from '../types/snapshot.ts';
import { defaultRunDir } from './default-run-dir.ts';
import type { Arguments } from './flag-values.ts';
import { keptFiles } from './kept-files.ts';
import { findAdvisories } from './nginx-advisories.ts';
import { isUsageProblem } from './one-shot.ts';
import { ownPorts } from './own-ports.ts';
import { probePort, takenPort } from './ports.ts';
import { DURATIONS_ONLY } from './metrics-flags.ts';
import { countByHand, durationBounds } from './request-counts.ts';
import { buildWith, linkCode, loadRender, nginxPorts, renderOptions, START_COMMAND, thisMachine } from './stages.ts';
import { untilSignal } from './until-signal.ts';
import { version } from './version.ts';

/**
 * A structural change takes effect when nothing else has changed for QUIET_MS, so that a burst of changes takes effect
 * together. Reloads are at least SPACING_MS apart.
 */
const QUIET_MS = 50;
const SPACING_MS = 1500;
const DRAIN_MS = 10_000;

function missingText({ missing, packages }: MissingSoftware): string {
  return `missing: ${missing.join(', ')}. As root: apt-get install --no-install-recommends ${packages.join(' ')}`;
}

/** Creates the driver of NGINX, or returns why the name of the run directory cannot be used. */
function nginxOn(runDir: string, capabilities: Capabilities, log: Log): Nginx | string {
  try {
    return createNginx({ runDir, startCommand: START_COMMAND, capabilities, log: (text) => log.warn(text) });
  } catch (error) {
    return errorText(error);
  }
}

/** Serves until a signal. Returns 0 after a signal, 1 if NGINX could not be started, and 2 for wrong usage. */
export async function up(given: Arguments<'up'>): Promise<number> {
  const log = createLog(given.logFormat, given.logLevel);
  debugOnSignal(log);
  const keepCertificatesMs = keepMs(given.keepCertificates);
  if (keepCertificatesMs === undefined) {
    log.error(badKeep(given.keepCertificates));
    return 1;
  }
  const capabilities = await readCapabilities();
  if ('missing' in capabilities) {
    log.error(missingText(capabilities));
    return 1;
  }
  const runDir = path.resolve(given.runDir === '' ? defaultRunDir() : given.runDir);
  const nginx = nginxOn(runDir, capabilities, log);
  if (typeof nginx === 'string') {
    log.error(nginx);
    return 2;
  }
  const advisories = await findAdvisories(capabilities, log);
  // `open` has checked that the directory belongs to this user and is not in use. Only now is a private key written to
  // it.
  const opened = await nginx.open().catch(errorText);
  if (typeof opened === 'string') {
    log.error(`NGINX was not started: ${opened}`);
    return 1;
  }
  const certificate = await fallbackCertificate(path.join(runDir, 'controller', 'fallback.pem'));
  await linkCode(runDir);
  const site = {
    ...thisMachine(capabilities, runDir, certificate, advisories.http3Obstacle),
    measures: DURATIONS_ONLY,
    reservedPorts: ownPorts({ ...nginxPorts(given), '--inspection-port': given.inspectionPort }),
  };
  let options = renderOptions(given, site);
  const usesSocket = await usesFormerSocket(given, options);
  if (usesSocket) options = { ...options, keepsTlsSocket: true };
  const load = async () => loadRender(given, options, (text) => log.warn(text));
  const templates = await load().catch(errorText);
  if (typeof templates === 'string') {
    log.error(`NGINX was not started: ${templates}`);
    await nginx.release();
    return 2;
  }
  let render = templates;

  const waiting: SnapshotEvent[] = [];
  let deliver = (event: SnapshotEvent): void => void waiting.push(event);
  const manifests = await watchManifests(given.manifests, (event) => deliver(event));
  const problemLog = createProblemLog(log);
  const build = buildWith(given, site, () => render);
  const names = watchNames((found) => controller.resolved(found));
  const locate: Locator = (object, field) => manifests.current().locate(object, field);
  const inspected = {
    log,
    runDir,
    port: given.inspectionPort,
    identity: {
      command: 'up' as const,
      versions: { tidegate: await version(), node: process.version, nginx: capabilities.version },
      controllerClass: given.controllerClass,
      ingressClass: given.ingressClass,
      namespace: null,
      pod: null,
    },
    options: build.options,
    front: { ports: { http: given.httpPort, https: given.httpsPort }, strictAccess: given.strictAccess },
    nginx,
    controller: () => controller,
    locate,
    dataAgeMs: () => undefined,
    leads: () => undefined,
    durationBounds: durationBounds(DURATIONS_ONLY),
    collectCounts: () => counts.collect(),
    sessions: () => counts.metrics?.sessions(),
    logsToFiles: true,
  };
  const inspection = inspectionOf(inspected);
  const tell = (step: 'structure' | 'live') => (outcome: Outcome, reasons: readonly string[], sinceMs?: number) => {
    logOutcome(log, outcome, reasons, sinceMs);
    inspection.outcome(step, outcome, reasons, sinceMs);
  };
  let built: readonly Problem[] = [];
  let traffic: readonly Problem[] = [];
  const sayProblems = () => {
    const all = [...advisories.problems, ...built, ...traffic];
    problemLog.report(all, locate);
    inspection.problems(all);
  };
  const counts = countByHand({
    nginx,
    prefix: build.options.annotationsPrefix,
    annotationsOf: (key) => manifests.current().snapshot.Ingress.get(key)?.metadata?.annotations ?? {},
    onProblems: (problems) => {
      traffic = problems;
      sayProblems();
    },
    onCounted: inspection.counted,
    httpsPort: given.httpsPort,
  });
  const controller = createController({
    nginx: { ...nginx, open: () => Promise.resolve(opened) },
    build,
    report: {
      problems: (problems) => {
        built = problems;
        sayProblems();
      },
      structure: tell('structure'),
      live: tell('live'),
      fault: (ingress, error) => log.error(faultText(ingress, error)),
      info: (message) => log.info(message),
      error: (message) => log.error(message),
    },
    beforeStart: () => takenPort({ '--http-port': given.httpPort, '--https-port': given.httpsPort }, runDir),
    onBuilt: ({ plan }) => {
      counts.built(plan);
      names.set(plan.externalNames);
    },
    served: () => undefined,
    ports: { probe: probePort, own: `UDP ${given.streamPort}` },
    ...keptFiles(runDir, log, keepCertificatesMs),
    quietMs: QUIET_MS,
    spacingMs: SPACING_MS,
  });
  const port = await listenForInspection(inspection, inspected, given.inspectionPort === USUAL_PORT);
  const stopped = untilSignal(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']);
  const close = async () => {
    controller.close();
    counts.close();
    problemLog.flush();
    names.close();
    await manifests.close();
    await inspection.close();
  };

  const first = waiting.shift();
  // If the folder disappears later, `up` waits for it. If it does not exist at the start, its name is probably
  // mistyped.
  const misnamed = first?.problems.find(isUsageProblem);
  if (misnamed !== undefined) {
    log.error(problemText(misnamed, () => undefined));
    await close();
    await nginx.release();
    return 2;
  }
  const obstacle =
    first === undefined ? 'the manifests could not be read' : await controller.start(first).catch(errorText);
  problemLog.flush();
  if (obstacle !== undefined) {
    log.error(`NGINX was not started: ${obstacle}`);
    await close();
    await nginx.release();
    return 1;
  }
  deliver = controller.handle;
  for (const event of waiting) controller.handle(event);
  const renderAgain = (reason: string) => {
    load().then(
      (loaded) => {
        render = loaded;
        controller.refresh(reason);
      },
      (error: unknown) =>
        log.error(`templates could not be reloaded, so the previous ones stay in use: ${String(error)}`),
    );
  };
  const leaving = setTimeout(() => {
    if (!usesSocket) return;
    options = { ...options, keepsTlsSocket: false };
    renderAgain('TLS passthrough was turned off');
  }, FORMER_SOCKET_MS);
  const unwatchTemplates =
    given.templateDir === ''
      ? undefined
      : watchTemplates(
          given.templateDir,
          () => renderAgain('templates changed'),
          (message) => log.warn(`template folder: ${message}`),
        );
  announce(given, runDir, port, controller.plan());

  const signal = await stopped;
  log.info(`received ${signal}; NGINX is finishing its open requests`);
  clearTimeout(leaving);
  await unwatchTemplates?.();
  await close();
  await nginx.stop(DRAIN_MS);
  log.info('stopped');
  return 0;
}
