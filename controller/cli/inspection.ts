/** Connects the inspection API (controller/inspect) with a running controller. */
import path from 'node:path';
import type { StaticOptions } from '../app/build.ts';
import { explainBuild, type ExplainedFront } from '../app/explain-build.ts';
import type { Controller } from '../app/controller.ts';
import { createInspection, INSPECTION_SOCKET, type Inspection } from '../inspect/inspection.ts';
import type { ExplainQuery } from '../inspect/schema/pages.ts';
import type { InspectedProcess, Inspected, InspectionSource } from '../inspect/source.ts';
import { servedCertificate } from '../model/certificates/kept-certificates.ts';
import { backendKey } from '../model/contract/backend-key.ts';
import type { Log } from '../report/logger.ts';
import { placeOf, problemText } from '../report/problem-text.ts';
import type { LiveBackend } from '../types/live.ts';
import type { Nginx } from '../types/nginx.ts';
import type { Locator } from '../types/problem.ts';
import { withTimeLimit } from '../time/time-limit.ts';
import { explainedRequest, overProxy } from './explained-request.ts';
import { UsageError } from './usage-error.ts';

/** What the API reads from the loop of a controller. */
export type InspectedLoop = Pick<Controller, 'current' | 'leftOut' | 'busyMs'>;

export interface InspectedController {
  readonly log: Log;
  readonly runDir: string;
  /** `--inspection-port`; 0: only the socket. */
  readonly port: number;
  readonly identity: InspectedProcess;
  readonly options: StaticOptions;
  readonly nginx: Pick<Nginx, 'state' | 'leftOutEndpoints'>;
  readonly controller: () => InspectedLoop;
  readonly locate: Locator;
  readonly dataAgeMs: () => number | undefined;
  readonly leads: () => boolean | undefined;
  /** What NGINX is configured with besides the Plan, for explanations. */
  readonly front: ExplainedFront;
  /** Upper bounds of the buckets of durations, in seconds; undefined if requests are not counted. */
  readonly durationBounds: readonly number[] | undefined;
  readonly collectCounts: () => Promise<void>;
  /** What was counted about sessions of TCP and UDP; undefined if nothing is counted. */
  readonly sessions: InspectionSource['sessions'];
  /** Whether NGINX writes its logs to files on this machine. */
  readonly logsToFiles: boolean;
}

function currentOf({ controller, options }: InspectedController): Inspected | undefined {
  const current = controller().current();
  if (current === undefined) return undefined;
  const { built, live } = current;
  const { plan, artifact, snapshot, overrides } = built;
  return {
    plan,
    artifact,
    live,
    keptCertificate: (secret) => {
      const given = { snapshot, options: { ...options, ...overrides } };
      const served = servedCertificate(secret, given);
      return 'kept' in served ? served.kept : undefined;
    },
  };
}

/**
 * An explanation is aborted after this time, because changes to the cluster wait for it. Most explanations take some
 * milliseconds.
 */
const EXPLAIN_MS = 250;

/** Explains a request to the running NGINX, with its current endpoints. */
function explained({ controller, options, front }: InspectedController, query: ExplainQuery) {
  const current = controller().current();
  if (current === undefined) throw new Error('nothing has been built yet');
  const { built, live } = current;
  try {
    const request = overProxy(explainedRequest(query.url, query), built.plan);
    const endpointsOf = (key: string) =>
      (JSON.parse(live.get(`b:${key}`) ?? '{"endpoints":[]}') as LiveBackend).endpoints;
    const explain = explainBuild(built, { options }, front, endpointsOf);
    const explanation = withTimeLimit(EXPLAIN_MS, () => explain(request));
    // NGINX limits the steps of a tenant's regular expression, and JavaScript does not.
    if (explanation === undefined)
      return {
        refusal: `this took longer than ${EXPLAIN_MS} ms; try again, or use \`tidegate explain URL PATH…\` with manifests`,
        slow: true as const,
      };
    return { explanation };
  } catch (error) {
    if (error instanceof UsageError) return { refusal: error.message };
    throw error;
  }
}

function* leftOut(controller: InspectedLoop): Generator<readonly [string, string]> {
  // An Ingress that is not tested yet has no message, and may be valid.
  for (const [key, { message }] of controller.leftOut()) if (message !== '') yield [key, message];
}

/**
 * Creates the API. It does not listen yet, because nothing has been built, and the run directory may belong to others.
 */
export function inspectionOf(inspected: InspectedController): Inspection {
  const { runDir, identity, options, nginx, controller, locate } = inspected;
  const source: InspectionSource = {
    identity,
    current: () => currentOf(inspected),
    backendKey,
    defaultCertificate: options.defaultSslCertificate,
    explain: (query) => explained(inspected, query),
    durationBounds: inspected.durationBounds,
    collectCounts: inspected.collectCounts,
    sessions: inspected.sessions,
    nginxState: nginx.state,
    leftOutEndpoints: nginx.leftOutEndpoints,
    busyMs: () => controller().busyMs(),
    leftOut: () => leftOut(controller()),
    dataAgeMs: inspected.dataAgeMs,
    leads: inspected.leads,
    nginxPrefix: inspected.logsToFiles ? path.join(runDir, 'run') : undefined,
  };
  return createInspection({
    source,
    describe: (problem) => ({ text: problemText(problem, locate), place: placeOf(problem, locate) }),
  });
}

/**
 * Begins to listen. The controller works without the API, so an obstacle is only logged. Resolves to the port on
 * 127.0.0.1, or to undefined if there is none.
 */
export async function listenForInspection(
  inspection: Inspection,
  { log, runDir, port }: Pick<InspectedController, 'log' | 'runDir' | 'port'>,
  orAnotherPort = false,
): Promise<number | undefined> {
  const listening = await inspection.listen({
    socket: path.join(runDir, INSPECTION_SOCKET),
    port: port === 0 ? undefined : port,
    orAnotherPort,
  });
  for (const obstacle of listening.obstacles) log.error(`the inspection API does not listen: ${obstacle}`);
  return listening.port;
}
