/**
 * The inspection API for a folder of manifests, without a controller: each change to a file results in a build, and
 * nothing else. NGINX is not started, so there are neither requests nor reloads.
 */
import type { Built, Overrides } from '../../app/build.ts';
import { createPair } from '../../app/fallback-certificate.ts';
import { buildSteps } from '../../app/faults.ts';
import { watchManifests } from '../../cluster/index.ts';
import type { Inspection } from '../../inspect/inspection.ts';
import { createLog } from '../../report/logger.ts';
import { problemText } from '../../report/problem-text.ts';
import { inSlices } from '../../time/slices.ts';
import { errorText } from '../../types/error-text.ts';
import type { Problem } from '../../types/problem.ts';
import type { SnapshotEvent } from '../../types/snapshot.ts';
import type { Arguments } from '../flag-values.ts';
import { IMAGE } from '../image-site.ts';
import { inspectionOf } from '../inspection.ts';
import { isUsageProblem } from '../one-shot.ts';
import { buildWith, loadRender, renderOptions } from '../stages.ts';
import { version } from '../version.ts';

export interface InspectedManifests {
  readonly inspection: Inspection;
  readonly close: () => Promise<void>;
}

/** What has changed, as reasons of an Outcome. */
function reasonsOf(changes: SnapshotEvent['changes']): readonly string[] {
  return changes.map(({ kind, key }) => `${kind} ${key}`);
}

/** Reads and builds the manifests, and follows their changes; `obstacle` says which path does not exist. */
export async function inspectManifests(
  paths: readonly string[],
  given: Arguments<'ui'>,
): Promise<InspectedManifests | { readonly obstacle: string }> {
  // The API reads the default certificate, of which the image has only a placeholder.
  const site = { ...IMAGE, processors: given.processors, fallbackCertificate: await createPair() };
  const ofTemplates: Problem[] = [];
  const render = await loadRender(given, renderOptions(given, site), (message) =>
    ofTemplates.push({ code: 'template-differs', severity: 'warning', effect: 'none', message }),
  );
  const build = buildWith(given, site, () => render);
  let built: Built | undefined;
  let waiting: SnapshotEvent | undefined;
  let building: Promise<void> | undefined;
  const closing = new AbortController();

  async function buildAll(): Promise<void> {
    while (waiting !== undefined && !closing.signal.aborted) {
      const { snapshot, problems, changes } = waiting;
      waiting = undefined;
      const overrides: Overrides = { quarantine: new Map(), resolvedNames: new Map(), now: Date.now() };
      try {
        built = await inSlices(buildSteps(build, snapshot, overrides));
        inspection.problems([...ofTemplates, ...problems, ...built.problems]);
        // The page asks again when something has happened.
        inspection.outcome('structure', { kind: 'none' }, reasonsOf(changes));
      } catch (error) {
        console.error(`error: the manifests could not be built: ${errorText(error)}`);
      }
    }
  }

  function follow(event: SnapshotEvent): void {
    waiting = event;
    building ??= buildAll().finally(() => {
      building = undefined;
    });
  }

  const early: SnapshotEvent[] = [];
  let deliver = (event: SnapshotEvent): void => void early.push(event);
  const manifests = await watchManifests(paths, (event) => deliver(event));
  const inspection = inspectionOf({
    log: createLog('text', 'error'),
    runDir: '',
    port: given.port,
    identity: {
      command: 'ui',
      versions: { tidegate: await version(), node: process.version, nginx: '' },
      controllerClass: given.controllerClass,
      ingressClass: given.ingressClass,
      namespace: null,
      pod: null,
    },
    options: build.options,
    front: { ports: { http: given.httpPort, https: given.httpsPort }, strictAccess: given.strictAccess },
    nginx: { state: () => Promise.resolve(undefined), leftOutEndpoints: () => Promise.resolve(undefined) },
    controller: () => ({
      current: () => built && { built, live: built.artifact.live },
      leftOut: () => new Map(),
      busyMs: () => 0,
    }),
    locate: (object, field) => manifests.current().locate(object, field),
    dataAgeMs: () => undefined,
    leads: () => undefined,
    durationBounds: undefined,
    collectCounts: () => Promise.resolve(),
    sessions: () => undefined,
    logsToFiles: false,
  });
  const close = async () => {
    closing.abort();
    await manifests.close();
    await building;
    await inspection.close();
  };
  deliver = follow;
  const first = early.at(-1);
  const misnamed = first?.problems.find(isUsageProblem);
  if (first === undefined || misnamed !== undefined) {
    await close();
    return {
      obstacle: misnamed === undefined ? 'the manifests could not be read' : problemText(misnamed, () => undefined),
    };
  }
  follow(first);
  await building;
  return { inspection, close };
}
