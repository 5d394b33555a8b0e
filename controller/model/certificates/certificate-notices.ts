/** Notices for the owner of a certificate in use. */
import type { BuildOptions } from '../contract/options.ts';
import type { Problem } from '../../types/problem.ts';
import type { ServedCertificate } from './kept-certificates.ts';

/** Phrases for the messages. */
interface Words {
  /** The object that contains `tls.crt`, as the beginning of a sentence. */
  readonly holder: string;
  readonly certificate: string;
  /** The clients to which the certificate is sent. */
  readonly clients: string;
}

const DAY_MS = 86_400_000;

/** The time from which a certificate that expires at `ends` is reported. Both times are in milliseconds since 1970. */
export function warningStart(ends: number, days: number): number {
  return ends - days * DAY_MS;
}

/** The notices about one certificate. `now`: milliseconds since 1970; undefined: expiry is not checked. */
export function certificateNotices(
  { kept, ends, sorted }: Pick<ServedCertificate, 'kept' | 'ends' | 'sorted'>,
  { now = -Infinity, certificateWarningDays: days }: Pick<BuildOptions, 'now' | 'certificateWarningDays'>,
  { holder, certificate, clients }: Words,
): Pick<Problem, 'code' | 'severity' | 'message'>[] {
  if (kept !== undefined) return [{ code: 'certificate-kept', severity: 'error', message: `${holder} ${kept}` }];
  const notices: Pick<Problem, 'code' | 'severity' | 'message'>[] = [];
  const at = new Date(ends).toISOString();
  if (ends <= now) {
    const message = `${certificate} expired at ${at}; ${clients} still get it`;
    notices.push({ code: 'certificate-expired', severity: 'error', message });
  } else if (warningStart(ends, days) <= now) {
    // The message does not contain the number of days left, because each new message would be a new Problem.
    const message = `${certificate} expires at ${at}, within ${days} days; afterwards ${clients} refuse the connection`;
    notices.push({ code: 'certificate-expires-soon', severity: 'warning', message });
  }
  if (sorted) {
    const message =
      `${holder} holds the certificates of tls.crt in the wrong order; they are sent in the right order, each before ` +
      'its issuer';
    notices.push({ code: 'chain-order', severity: 'warning', message });
  }
  return notices;
}
