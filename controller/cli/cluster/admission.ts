/** Connects the admission webhook (controller/webhook) with the loop, the API server and the metrics. */
import type { Build } from '../../app/build.ts';
import type { Controller, Reporter } from '../../app/controller.ts';
import { createReview } from '../../app/review.ts';
import { admissionReaders, type ApiConnection, createLookUp, readReviewedIngress } from '../../cluster/index.ts';
import { keepingFor } from '../../model/ingress/keeping.ts';
import type { Log } from '../../report/logger.ts';
import type { Metrics } from '../../report/metrics.ts';
import type { Changing, TlsPair } from '../../types/changing.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import {
  authoritiesFromFile,
  type FileValue,
  type FileValueOptions,
  pairFromFiles,
} from '../../webhook/file-values.ts';
import { createWebhook } from '../../webhook/handler.ts';
import { listenForReviews, type WebhookServer } from '../../webhook/listen.ts';
import type { Arguments } from '../flag-values.ts';
import { listenAddress } from '../webhook-flags.ts';

export interface AdmissionOptions {
  readonly flags: Arguments<'controller'>;
  readonly api: ApiConnection;
  readonly build: Build;
  readonly controller: Pick<Controller, 'settled' | 'current'>;
  /** The objects that the controller watches. */
  readonly snapshot: () => Snapshot;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly fault: Reporter['fault'];
  /** The server's certificate; undefined if flags name its files. */
  readonly pair: Changing<TlsPair> | undefined;
}

/**
 * How long a review waits for a build in progress, in ms: the build may contain a Service that was created just before.
 */
const SETTLE_MS = 25;

const ADDRESS = 'write an address and a port, for example :8444';

/** Why the flags of the webhook cannot be used; undefined if they can. */
function badFlags({ flags, pair }: Pick<AdmissionOptions, 'flags' | 'pair'>, port: number): string | undefined {
  const { validatingWebhookCertificate: certificate, validatingWebhookKey: key } = flags;
  const { httpListenPort, httpsListenPort, statusPort, healthzPort, inspectionPort } = flags;
  const [taken] =
    Object.entries({
      'http-listen-port': httpListenPort,
      'https-listen-port': httpsListenPort,
      'status-port': statusPort,
      'healthz-port': healthzPort,
      'inspection-port': inspectionPort,
    }).find(([, other]) => other === port) ?? [];
  if (taken !== undefined)
    return `--validating-webhook: port ${port} is also --${taken}, and all containers of the Pod share its ports; ${ADDRESS}`;
  if (pair === undefined && (certificate === '' || key === ''))
    return '--validating-webhook needs both --validating-webhook-certificate and --validating-webhook-key; in a Pod (POD_NAMESPACE), it can do without both';
  if (flags.validatingWebhookClientName !== '' && flags.validatingWebhookClientCa === '')
    return '--validating-webhook-client-name has no effect without --validating-webhook-client-ca';
  return undefined;
}

/** Whether the controller watches the Ingresses of a namespace. */
function isWatchedWith({ watchNamespace, watchNamespaceSelector }: Arguments<'controller'>, snapshot: () => Snapshot) {
  return (namespace: string): boolean => {
    if (watchNamespaceSelector !== '') return snapshot().Namespace.has(namespace);
    return watchNamespace === '' || namespace === watchNamespace;
  };
}

function webhookHandler({ flags, api, build, controller, snapshot, log, metrics, fault }: AdmissionOptions) {
  const keeping = keepingFor(build.options);
  const review = createReview({
    build,
    settled: () => controller.settled(SETTLE_MS),
    read: (raw) => readReviewedIngress(raw, keeping),
    lookUp: createLookUp(api, keeping),
    isWatched: isWatchedWith(flags, snapshot),
    allowsDuplicatePaths: flags.admissionAllowDuplicatePaths,
    measured: (figures) => metrics.admission.reviewed(figures, controller.current()?.built.artifact.conf.length ?? 0),
    fault,
  });
  return createWebhook({
    review,
    newReader: admissionReaders(keeping),
    observe: metrics.admission.answered,
    // Clients that are not the API server must not be able to fill the log.
    failed: (status, message) =>
      status === 500 ? log.error(`admission: ${message}`) : log.debug(`admission: ${status} ${message}`),
  });
}

async function pairOf({ pair, flags }: AdmissionOptions, told: FileValueOptions): Promise<FileValue<TlsPair>> {
  if (pair !== undefined) return { ...pair, close: () => undefined };
  return pairFromFiles(flags.validatingWebhookCertificate, flags.validatingWebhookKey, told);
}

/**
 * Starts the webhook if --validating-webhook is set. Resolves to an `obstacle` if its flags are invalid or its port is
 * in use. The webhook answers from the start; until the cluster has been read, it answers with 503.
 */
export async function startAdmission(
  options: AdmissionOptions,
): Promise<Pick<WebhookServer, 'close'> | { readonly obstacle: string }> {
  const { flags, log, metrics } = options;
  const { validatingWebhook: address, validatingWebhookClientCa: ca, validatingWebhookClientName: clientName } = flags;
  if (address === '') return { close: async () => undefined };
  const listen = listenAddress(address);
  if (listen === undefined)
    return { obstacle: `--validating-webhook: ${JSON.stringify(address)} is not an address; ${ADDRESS}` };
  const bad = badFlags(options, listen.port);
  if (bad !== undefined) return { obstacle: bad };
  const told = { failed: (message: string) => log.error(message), renewed: (message: string) => log.info(message) };
  const pair = await pairOf(options, told);
  const measure = () => {
    const current = pair.current();
    if (current !== undefined) metrics.admission.serves(current.cert);
  };
  pair.onChange(measure);
  measure();
  const clientAuthorities = ca === '' ? undefined : await authoritiesFromFile(ca, told);
  const server = await listenForReviews({
    ...listen,
    pair,
    ...(clientAuthorities !== undefined && { clientAuthorities }),
    ...(clientName !== '' && { clientName }),
    handler: webhookHandler(options),
    failed: (message) => log.error(`admission: ${message}`),
  });
  if ('obstacle' in server) return { obstacle: `--validating-webhook ${address}: ${server.obstacle}` };
  log.info(`the admission webhook answers on ${address}`);
  return {
    close: async () => {
      pair.close();
      clientAuthorities?.close();
      await server.close();
    },
  };
}
