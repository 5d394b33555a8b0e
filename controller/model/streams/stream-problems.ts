/** Problems about the Service and the Secret of an entry of TCP or UDP services. */
import { type Problem, shorten } from '../../types/problem.ts';
import type { Snapshot } from '../../types/snapshot.ts';
import { certificateNotices } from '../certificates/certificate-notices.ts';
import { servedCertificate } from '../certificates/kept-certificates.ts';
import type { BuildOptions } from '../contract/options.ts';
import { refusedOf, refusedProblem } from '../host/backends/refused-addresses.ts';
import type { ResolvedBackend } from '../host/backends/resolved-backend.ts';
import type { PortEntry } from './read-ports.ts';

type Served = ReturnType<typeof servedCertificate>;

/** The certificate of an entry with TLS. */
export function servedFor({ secret }: PortEntry, snapshot: Snapshot, options: BuildOptions): Served | undefined {
  return secret === null ? undefined : servedCertificate(secret, { snapshot, options });
}

function aboutService({ object, port, text }: PortEntry): Pick<Problem, 'object' | 'field' | 'value'> {
  return { object, field: ['data', String(port)], value: shorten(text) };
}

/**
 * The Problem that NGINX cannot listen on the port. `reason`: why; empty or undefined if it can, or is not known yet.
 */
export function portProblems(entry: PortEntry, reason: string | undefined): readonly Problem[] {
  if (reason === undefined || reason === '') return [];
  const message = `NGINX cannot listen on ${entry.protocol} port ${entry.port}: ${reason}; the entry is ignored until it can`;
  return [{ ...aboutService(entry), code: 'unusable-port', severity: 'error', effect: 'ignored-key', message }];
}

/** Problems about the Service port: no endpoints, refused addresses, no cluster IP. */
export function serviceProblems(entry: PortEntry, resolved: ResolvedBackend | undefined): readonly Problem[] {
  if (resolved === undefined) return [];
  const about = aboutService(entry);
  const { protocol, port, object } = entry;
  const { lack, cut, headless, backend } = resolved;
  const service = `Service ${entry.backend.namespace}/${entry.backend.service}`;
  const problems: Problem[] = refusedOf(backend).map((refused) =>
    refusedProblem(refused, { object, field: ['data', String(port)] }),
  );
  if (lack !== undefined)
    problems.push({
      ...about,
      code: lack.code,
      severity: 'notice',
      effect: 'no-endpoints',
      message: `${lack.reason}; ${protocol === 'TCP' ? 'connections to' : 'datagrams for'} port ${port} are ${protocol === 'TCP' ? 'closed' : 'dropped'}`,
      elsewhere: true,
    });
  if (cut !== undefined)
    problems.push({
      ...about,
      code: 'bound-exceeded',
      severity: 'warning',
      effect: 'none',
      message: `${service} ${cut}`,
    });
  if (headless === true)
    problems.push({
      ...about,
      code: 'headless-service-upstream',
      severity: 'warning',
      effect: 'ignored-key',
      message: `${service} has no ClusterIP for UPSTREAM=service; connections go to its pods`,
    });
  return problems;
}

/** Problems about the certificate: missing, unusable, about to expire. */
export function certificateProblems(
  entry: PortEntry,
  found: Served | undefined,
  options: BuildOptions,
): readonly Problem[] {
  const { secret, port } = entry;
  if (found === undefined || secret === null) return [];
  const about = aboutService(entry);
  if (!('certificate' in found))
    return [
      {
        ...about,
        code: found.missing ? 'missing-secret' : 'unusable-secret',
        severity: 'error',
        effect: 'no-endpoints',
        message: `Secret ${secret} ${found.reason}; TLS handshakes on port ${port} fail`,
        elsewhere: true,
      },
    ];
  const words = {
    holder: `Secret ${secret}`,
    certificate: `the certificate of Secret ${secret}`,
    clients: `clients of port ${port}`,
  };
  return certificateNotices(found, options, words).map((notice) => ({ ...about, ...notice, effect: 'none' as const }));
}
