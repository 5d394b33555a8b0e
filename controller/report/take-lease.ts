/** Taking the Lease from whoever leads, so that no replica writes status any more. For the end of an installation. */
import type { ApiClient } from '../types/api.ts';
import { type Answer, ask } from './api-answer.ts';
import { heldBy, holderOf, type LeaseObject } from './lease-object.ts';
import { PROOF_SHARE } from './lease.ts';

export interface TakenLease {
  /** Who led; empty for nobody. */
  readonly holder: string;
  /** Milliseconds until the former holder leads no more, by its own clock at the latest. */
  readonly waitMs: number;
  /** Holds it for so many seconds from now on; then the replicas, where there are any, elect one. */
  readonly hold: (seconds: number) => Promise<Answer<unknown>>;
}

const TRIES = 5;
const TIMEOUT_MS = 10_000;

/** Takes it for `seconds`. A Lease that does not exist is nobody's, and is not made. */
export async function takeLease(
  api: ApiClient,
  namespace: string,
  name: string,
  identity: string,
  seconds: number,
): Promise<Answer<TakenLease>> {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`;
  /** The first holder that was seen, also where a try fails after the Lease was written. */
  let former: { readonly holder: string; readonly waitMs: number } | undefined;

  async function hold(forSeconds: number): Promise<Answer<unknown>> {
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
      // Renewed by the leader between the two requests.
      if (answer.ok || answer.status !== 409 || tries === TRIES) return answer;
    }
  }

  const taken = await hold(seconds);
  return taken.ok ? { ok: true, value: { ...(former ?? { holder: '', waitMs: 0 }), hold } } : taken;
}
