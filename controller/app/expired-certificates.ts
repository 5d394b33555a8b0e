/**
 * Detects when a certificate in use has expired or will soon expire, and then requests a build, because builds do not
 * read the clock.
 */
import { warningStart } from '../model/certificates/certificate-notices.ts';
import type { Bounds } from '../model/contract/bounds.ts';
import { pairOf } from '../model/values/pem/certificate-pair.ts';
import type { Built } from './build.ts';
import { certificateSecrets } from './certificate-secrets.ts';

export interface ExpiredCertificates {
  /**
   * The time, in ms since 1970, with which builds compare the expiry of certificates. It changes only when another
   * certificate has expired or will soon expire.
   */
  readonly now: () => number;
  readonly close: () => void;
}

export interface ExpiryOptions {
  readonly bounds: Bounds;
  /** The last build. */
  readonly latest: () => Pick<Built, 'snapshot' | 'plan'> | undefined;
  /** How long before its expiry a certificate is reported, in days. */
  readonly warningDays: number;
  /** Called when a certificate has expired, or will soon expire. */
  readonly passed: () => void;
  /** Time between two checks, in ms. */
  readonly everyMs: number;
}

export function watchExpiry({ bounds, latest, warningDays, passed, everyMs }: ExpiryOptions): ExpiredCertificates {
  let now = Date.now();
  function look(): void {
    const before = now;
    const { snapshot, plan } = latest() ?? {};
    const at = Date.now();
    const isBetween = (time: number): boolean => time > before && time <= at;
    const hasPassed = [...(plan === undefined ? [] : certificateSecrets(plan))].some((key) => {
      const secret = snapshot?.Secret.get(key);
      const pair = secret?.data?.['tls.crt'] === undefined ? undefined : pairOf(secret, bounds);
      return pair?.ok === true && (isBetween(pair.ends) || isBetween(warningStart(pair.ends, warningDays)));
    });
    if (!hasPassed) return;
    now = at;
    passed();
  }
  const timer = setInterval(look, everyMs).unref();
  return { now: () => now, close: () => clearInterval(timer) };
}
