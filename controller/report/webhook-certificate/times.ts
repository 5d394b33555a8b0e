/** How long the certificates of the admission webhook are valid, and when they are replaced. All times are in ms. */

export interface CertificateTimes {
  readonly authorityMs: number;
  readonly servingMs: number;
  /** Certificates are valid from this long before they are issued, because clocks in a cluster differ. */
  readonly backdatedMs: number;
  /**
   * The time from when a new CA is trusted until the CA signs the serving certificate. By then, every API server knows
   * the CA.
   */
  readonly spreadMs: number;
  /** For this long after a serving certificate was issued by a new CA, the previous CAs stay trusted. */
  readonly overlapMs: number;
  /**
   * The pause between the publication of a new CA and its first use if there is no usable serving certificate: waiting
   * for `spreadMs` would then prolong an outage.
   */
  readonly settleMs: number;
  /** How often the leader checks the webhook configuration, which others may change. */
  readonly checkMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const CERTIFICATE_TIMES: CertificateTimes = {
  authorityMs: 3650 * DAY,
  servingMs: 365 * DAY,
  backdatedMs: HOUR,
  spreadMs: 10 * MINUTE,
  overlapMs: DAY,
  settleMs: 2000,
  checkMs: MINUTE,
};

/** Certificates are replaced after this share of their lifetime, which leaves months to notice failures. */
export const RENEWAL_SHARE = 2 / 3;
