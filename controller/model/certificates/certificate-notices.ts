/** Notices for the owner of a certificate in use. */
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

/** `now`: milliseconds since 1970; undefined: expiry is not checked. */
export function certificateNotices(
  { kept, ends, sorted }: Pick<ServedCertificate, 'kept' | 'ends' | 'sorted'>,
  now: number | undefined,
  { holder, certificate, clients }: Words,
): Pick<Problem, 'code' | 'severity' | 'message'>[] {
  if (kept !== undefined) return [{ code: 'certificate-kept', severity: 'error', message: `${holder} ${kept}` }];
  const notices: Pick<Problem, 'code' | 'severity' | 'message'>[] = [];
  if (ends <= (now ?? -Infinity)) {
    const message = `${certificate} expired at ${new Date(ends).toISOString()}; ${clients} still get it`;
    notices.push({ code: 'certificate-expired', severity: 'warning', message });
  }
  if (sorted) {
    const message =
      `${holder} holds the certificates of tls.crt in the wrong order; they are sent in the right order, each before ` +
      'its issuer';
    notices.push({ code: 'chain-order', severity: 'warning', message });
  }
  return notices;
}
