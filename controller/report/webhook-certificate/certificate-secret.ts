/** Writes the Secret that contains the CA and the serving certificate of the webhook. */
import type { V1Secret } from '@kubernetes/client-node';
import { type ApiServerAnswer, ask } from '../api-answer.ts';
import type { ApiClient } from '../../types/api.ts';

export interface SecretName {
  readonly namespace: string;
  readonly name: string;
}

const TIMEOUT_MS = 10_000;

/** Creates the Secret without content. Fails with 409 if it exists. */
export async function createCertificateSecret(
  api: ApiClient,
  { namespace, name }: SecretName,
  signal: AbortSignal,
): Promise<ApiServerAnswer<V1Secret>> {
  const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type: 'Opaque' };
  return ask(api, 'POST', `/api/v1/namespaces/${namespace}/secrets`, { body, timeoutMs: TIMEOUT_MS, signal });
}

/**
 * Replaces the keys in `data`; other keys, labels and annotations stay. Fails with 409 if the Secret has changed since
 * `resourceVersion`.
 */
export async function writeCertificateSecret(
  api: ApiClient,
  { namespace, name }: SecretName,
  data: Readonly<Record<string, string>>,
  resourceVersion: string,
  signal: AbortSignal,
): Promise<ApiServerAnswer<V1Secret>> {
  return ask(api, 'PATCH', `/api/v1/namespaces/${namespace}/secrets/${encodeURIComponent(name)}`, {
    contentType: 'application/merge-patch+json',
    body: { metadata: { resourceVersion }, data },
    timeoutMs: TIMEOUT_MS,
    signal,
  });
}
