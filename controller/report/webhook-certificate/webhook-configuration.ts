/** Reads the webhook of this installation in its ValidatingWebhookConfiguration, and writes its `caBundle`. */
import type { V1ValidatingWebhookConfiguration } from '@kubernetes/client-node';
import { type ApiServerAnswer, type ApiServerFailure, ask } from '../api-answer.ts';
import { withoutBrackets } from '../../types/addresses.ts';
import type { ApiClient } from '../../types/api.ts';
import { readAuthorities, type ReadCertificate } from './material.ts';

/**
 * The name of the webhook, in the chart and in ingress-nginx. With the same name, an upgrade of ingress-nginx keeps the
 * `caBundle`, with which the API server can still call the old Pods.
 */
export const WEBHOOK_NAME = 'validate.nginx.ingress.kubernetes.io';

export interface ConfiguredWebhook {
  readonly configuration: string;
  readonly resourceVersion: string;
  /** The DNS name or IP address under which the API server connects to the webhook. */
  readonly names: readonly string[];
  /** The CAs in `caBundle`. */
  readonly trusted: readonly ReadCertificate[];
  /** PEM of `caBundle`. */
  readonly bundle: string;
}

const TIMEOUT_MS = 10_000;

function pathOf(configuration: string): string {
  return `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${encodeURIComponent(configuration)}`;
}

function unusable(configuration: string, why: string): ApiServerFailure {
  const message = `ValidatingWebhookConfiguration ${configuration}: ${why}`;
  return { ok: false, status: 0, message, retryable: true, retryAfterMs: 0 };
}

export async function readConfiguredWebhook(
  api: ApiClient,
  configuration: string,
  signal: AbortSignal,
): Promise<ApiServerAnswer<ConfiguredWebhook>> {
  const answer = await ask<V1ValidatingWebhookConfiguration>(api, 'GET', pathOf(configuration), {
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  if (!answer.ok) return answer;
  const { metadata, webhooks = [] } = answer.value;
  const index = webhooks.findIndex(({ name }) => name === WEBHOOK_NAME);
  const client = webhooks[index]?.clientConfig;
  if (client === undefined)
    return unusable(configuration, `webhooks contains none with name: ${WEBHOOK_NAME}, as the chart creates it`);
  const { service, url, caBundle = '' } = client;
  const name =
    service === undefined
      ? withoutBrackets(URL.parse(url ?? '')?.hostname ?? '')
      : `${service.name}.${service.namespace}.svc`;
  if (name === '')
    return unusable(configuration, `webhooks[${index}].clientConfig has neither a service nor a valid url`);
  const bundle = Buffer.from(caBundle, 'base64').toString('utf8');
  const resourceVersion = metadata?.resourceVersion ?? '';
  return {
    ok: true,
    value: { configuration, resourceVersion, names: [name], trusted: readAuthorities(bundle), bundle },
  };
}

/**
 * Writes the `caBundle` of the webhook, and nothing else: the items of `webhooks` are merged by their names. Fails with
 * 409 if the configuration has changed since it was read, so that no CA is lost that another replica has just added.
 */
export async function writeBundle(
  api: ApiClient,
  { configuration, resourceVersion }: ConfiguredWebhook,
  bundle: string,
  signal: AbortSignal,
): Promise<ApiServerAnswer<V1ValidatingWebhookConfiguration>> {
  const caBundle = Buffer.from(bundle).toString('base64');
  const body = { metadata: { resourceVersion }, webhooks: [{ name: WEBHOOK_NAME, clientConfig: { caBundle } }] };
  const contentType = 'application/strategic-merge-patch+json';
  return ask(api, 'PATCH', pathOf(configuration), { body, contentType, timeoutMs: TIMEOUT_MS, signal });
}
