/** Notices when a certificate in use expires. Builds do not read the clock, so each expiry requests a new build. */
import type { Bounds } from '../model/contract/bounds.ts';
import { pairOf } from '../model/values/pem/certificate-pair.ts';
import type { Built } from './build.ts';

export interface ExpiredCertificates {
  /**
   * Milliseconds since 1970. Builds treat certificates that end before this time as expired. The value changes only
   * when another certificate has expired.
   */
  readonly now: () => number;
  readonly close: () => void;
}

export interface ExpiryOptions {
  readonly bounds: Bounds;
  /** The last build. */
  readonly latest: () => Pick<Built, 'snapshot' | 'plan'> | undefined;
  /** Called when a certificate has expired. */
  readonly expired: () => void;
  /** Time between two checks, ms. */
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
