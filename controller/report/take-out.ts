/** Removes our own addresses from the status of one Ingress. */
import type { V1Ingress } from '@kubernetes/client-node';
import type { ApiClient } from '../types/api.ts';
import { addressesText, type PresentAddress, type StatusAddress } from './addresses.ts';
import { type ApiServerAnswer, ask } from './api-answer.ts';

const TIMEOUT_MS = 10_000;

/** Removes the addresses `own`. The result is whether the status contained any of them. Never rejects. */
export async function takeOut(
  api: ApiClient,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  own: readonly StatusAddress[],
  signal: AbortSignal,
): Promise<ApiServerAnswer<boolean>> {
  const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}`;
  const read = await ask<V1Ingress>(api, 'GET', path, { timeoutMs: TIMEOUT_MS, signal });
  if (!read.ok) return read;
  const present: readonly PresentAddress[] = read.value.status?.loadBalancer?.ingress ?? [];
  const left = withoutOwn(present, own);
  if (left.length === present.length) return { ok: true, value: false };
  const answer = await ask(api, 'PATCH', `${path}/status`, {
    query: { fieldManager: 'tidegate' },
    // The resourceVersion makes the update conditional: a concurrent write of another controller is never overwritten.
    body: {
      metadata: { resourceVersion: read.value.metadata?.resourceVersion },
      status: { loadBalancer: { ingress: left.length > 0 ? left : null } },
    },
    contentType: 'application/merge-patch+json',
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  return answer.ok ? { ok: true, value: true } : answer;
}

/** The addresses of `present` that are not among `own`. */
export function withoutOwn(
  present: readonly PresentAddress[],
  own: readonly StatusAddress[],
): readonly PresentAddress[] {
  const texts = new Set(own.map((address) => addressesText([address])));
  return present.filter((address) => !texts.has(addressesText([address])));
}
