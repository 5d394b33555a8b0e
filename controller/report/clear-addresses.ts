/** Removes the addresses of an installation from the status of all Ingresses. */
import type { V1Ingress } from '@kubernetes/client-node';
import type { ApiClient } from '../types/api.ts';
import type { StatusAddress } from './addresses.ts';
import { type ApiServerAnswer, ask } from './api-answer.ts';
import type { Log } from './logger.ts';
import { takeOut, withoutOwn } from './take-out.ts';

/** The JSON of one page of a list. */
interface Page {
  readonly metadata?: { readonly continue?: string };
  readonly items: readonly V1Ingress[];
}

const PAGE = 500;
const CONCURRENCY = 8;
const TIMEOUT_MS = 30_000;

/**
 * `namespace` is the watched namespace; '' means all namespaces. The result is the number of Ingresses whose status
 * could not be cleared.
 */
export async function clearAddresses(
  api: ApiClient,
  namespace: string,
  own: readonly StatusAddress[],
  log: Log,
  signal: AbortSignal,
): Promise<ApiServerAnswer<number>> {
  const path = `/apis/networking.k8s.io/v1/${namespace === '' ? '' : `namespaces/${namespace}/`}ingresses`;
  let next: string | undefined;
  let failed = 0;
  do {
    const query = { limit: String(PAGE), ...(next !== undefined && { continue: next }) };
    const page = await ask<Page>(api, 'GET', path, { query, timeoutMs: TIMEOUT_MS, signal });
    if (!page.ok) return page;
    next = page.value.metadata?.continue;
    const queue = page.value.items
      .filter(({ status }) => {
        const present = status?.loadBalancer?.ingress ?? [];
        return withoutOwn(present, own).length < present.length;
      })
      .values();
    const worker = async () => {
      for (const { metadata } of queue) {
        const named = { namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' };
        let taken = await takeOut(api, named, own, signal);
        if (!taken.ok && taken.status === 409) taken = await takeOut(api, named, own, signal);
        if (taken.ok || taken.status === 404) continue;
        failed += 1;
        log.warn(`our addresses remain in the status of Ingress ${named.namespace}/${named.name}: ${taken.message}`);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  } while (next !== undefined && next !== '' && !signal.aborted);
  return { ok: true, value: failed };
}
