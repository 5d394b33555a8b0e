/** Takes the Lease from the leader while an installation is being removed, so that no replica writes status anymore. */
import type { ApiClient } from '../types/api.ts';
import { type ApiServerAnswer, ask } from './api-answer.ts';
import { heldBy, holderOf, type LeaseObject } from './lease-object.ts';
import { PROOF_SHARE } from './lease.ts';

export interface TakenLease {
  /** The previous leader; empty if there was none. */
  readonly holder: string;
  /** Milliseconds until the previous holder has certainly stopped leading, according to its own clock. */
  readonly waitMs: number;
  /** Holds the Lease for this many seconds from now on. After that, the remaining replicas elect a leader. */
  readonly hold: (seconds: number) => Promise<ApiServerAnswer<unknown>>;
}

const TRIES = 5;
const TIMEOUT_MS = 10_000;

/** Takes the Lease for `seconds`. A Lease that does not exist counts as having no holder, and is not created. */
export async function takeLease(
  api: ApiClient,
  namespace: string,
  name: string,
  identity: string,
  seconds: number,
): Promise<ApiServerAnswer<TakenLease>> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
  /** The first holder that was seen. It is remembered even if a later attempt fails. */
  let former: { readonly holder: string; readonly waitMs: number } | undefined;

  async function hold(forSeconds: number): Promise<ApiServerAnswer<unknown>> {
    for (let tries = 1; ; tries += 1) {
      const found = await ask<LeaseObject>(api, 'GET', path, { timeoutMs: TIMEOUT_MS });
      if (!found.ok) return found.status === 404 ? { ok: true, value: undefined } : found;
      const holder = holderOf(found.value);
      if (holder !== identity) {
        const waitMs = holder === '' ? 0 : PROOF_SHARE * 1000 * (found.value.spec?.leaseDurationSeconds ?? 0);
        former ??= { holder, waitMs };
      }
      const body = heldBy(found.value, identity, forSeconds, new Date());
      const answer = await ask(api, 'PUT', path, { timeoutMs: TIMEOUT_MS, body });
      // A 409 means that the leader renewed the Lease between the two requests.
      if (answer.ok || answer.status !== 409 || tries === TRIES) return answer;
    }
  }

  const taken = await hold(seconds);
  return taken.ok ? { ok: true, value: { ...(former ?? { holder: '', waitMs: 0 }), hold } } : taken;
}
