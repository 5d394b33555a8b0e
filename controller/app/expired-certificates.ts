/** Notices that certificates expire: builds look at no clock, and are asked for again when one has expired. */
import type { Bounds } from '../model/contract/bounds.ts';
import { pairOf } from '../model/values/pem/certificate-pair.ts';
import type { Assembly } from './assembly.ts';

export interface ExpiredCertificates {
  /** Milliseconds since 1970: what ended before is known to have. Another value only where a certificate ended since. */
  readonly now: () => number;
  readonly close: () => void;
}

export interface ExpiryOptions {
  readonly bounds: Bounds;
  /** What was built last. */
  readonly latest: () => Pick<Assembly, 'snapshot' | 'plan'> | undefined;
  /** Called when a certificate has expired. */
  readonly expired: () => void;
  /** Between two looks, ms. */
  readonly everyMs: number;
}

export function watchExpiry({ bounds, latest, expired, everyMs }: ExpiryOptions): ExpiredCertificates {
  let now = Date.now();
  function look(): void {
    const before = now;
    const { snapshot, plan } = latest() ?? {};
    const at = Date.now();
    const hasEnded = [...(plan?.secrets ?? [])].some((key) => {
      const secret = snapshot?.Secret.get(key);
      const pair = secret?.data?.['tls.crt'] === undefined ? undefined : pairOf(secret, bounds);
      return pair?.ok === true && pair.ends > before && pair.ends <= at;
    });
    if (!hasEnded) return;
    now = at;
    expired();
  }
  const timer = setInterval(look, everyMs).unref();
  return { now: () => now, close: () => clearInterval(timer) };
}
