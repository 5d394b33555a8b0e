/**
 * A replica of the controller that is reduced to its webhook: a certificate with lifetimes that a test chooses, and a
 * server that admits every object.
 */
import type { RequestListener } from 'node:http';
import { loadApi, watchSecret } from '../../controller/cluster/index.ts';
import type { Log } from '../../controller/report/logger.ts';
import { keepCertificate, type KeptCertificate } from '../../controller/report/webhook-certificate/keep-certificate.ts';
import type { CertificateTimes } from '../../controller/report/webhook-certificate/times.ts';
import type { SecretListener } from '../../controller/types/api.ts';
import type { Changing } from '../../controller/types/changing.ts';
import { listenForReviews } from '../../controller/webhook/listen.ts';

export interface ReplicaOptions {
  readonly kubeconfig: string;
  readonly secret: { readonly namespace: string; readonly name: string };
  readonly configuration: string;
  readonly times: CertificateTimes;
  readonly leads: boolean;
}

export interface WebhookReplica {
  readonly port: number;
  readonly kept: KeptCertificate;
  readonly lines: readonly string[];
  /** How many reviews it has answered. */
  reviews(): number;
  stop(): Promise<void>;
}

export const REPLICA_WARNING = 'a warning of the webhook';

/** Resolves when the replica has a certificate and listens. Each review needs a new connection, and so a handshake. */
export async function startWebhookReplica(options: ReplicaOptions): Promise<WebhookReplica> {
  const { kubeconfig, secret, configuration, times, leads } = options;
  const api = await loadApi({ kubeconfig });
  const lines: string[] = [];
  const at = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const log: Log = { info: at('info'), warn: at('warn'), error: at('error'), debug: at('debug') };
  const watch = (listener: SecretListener) => watchSecret(api, { ...secret, ...listener });
  const kept = keepCertificate({ api, secret, configuration, watch, leads: () => leads, log, times });
  let reviews = 0;
  await firstOf(kept);
  const handler: RequestListener = (request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      reviews += 1;
      const { uid } = (JSON.parse(text) as { request: { uid: string } }).request;
      const answer = { uid, allowed: true, warnings: [REPLICA_WARNING] };
      const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer };
      response.setHeader('content-type', 'application/json').setHeader('connection', 'close');
      response.end(JSON.stringify(review));
    });
  };
  const server = await listenForReviews({ host: '127.0.0.1', port: 0, pair: kept, handler, failed: log.error });
  if ('obstacle' in server) throw new Error(server.obstacle);
  return {
    port: server.port,
    kept,
    lines,
    reviews: () => reviews,
    async stop() {
      await kept.close();
      await server.close();
      await api.close();
    },
  };
}

async function firstOf<T>(changing: Changing<T>): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  function look(): void {
    const value = changing.current();
    if (value !== undefined) resolve(value);
  }
  changing.onChange(look);
  look();
  return promise;
}
