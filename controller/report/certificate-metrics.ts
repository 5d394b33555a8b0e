/** Metrics about the certificates that are in use, for each host. */
import { X509Certificate } from 'node:crypto';
import type { LiveCertificate } from '../types/live.ts';
import type { Plan } from '../types/plan.ts';
import { METRIC_PREFIX } from '../types/request-metrics.ts';
import { type MetricFamily, type Sample, simpleFamily } from './exposition/family.ts';
import { labelText } from './exposition/label-text.ts';

export interface CertificateMetricsOptions {
  /** --controller-class. */
  readonly controllerClass: string;
  /** --default-ssl-certificate, `namespace/name`; empty if there is none. */
  readonly defaultCertificate: string;
}

/** What the metrics show about a certificate. */
interface Facts {
  readonly expires: number;
  readonly identifier: string;
  readonly details: readonly (readonly [name: string, value: string])[];
}

/** Names of the algorithms in ingress-nginx. */
const ALGORITHMS: Readonly<Record<string, string>> = { rsa: 'RSA', ec: 'ECDSA', ed25519: 'Ed25519' };
/** The server name that stands for names without a certificate of their own, and the key of the default certificate. */
const DEFAULT = '_';

/**
 * What was parsed is remembered, because parsing takes longer than everything else and most certificates do not change.
 */
const known = new WeakMap<LiveCertificate, Facts | null>();

function factsOf(certificate: LiveCertificate): Facts | null {
  const found = known.get(certificate);
  if (found !== undefined) return found;
  const facts = parse(certificate.chain);
  known.set(certificate, facts);
  return facts;
}

/** Null if the certificate cannot be parsed. */
function parse(chain: string): Facts | null {
  try {
    const certificate = new X509Certificate(chain);
    const { issuer } = certificate.toLegacyObject();
    const serial = BigInt(`0x${certificate.serialNumber}`).toString();
    const algorithm = certificate.publicKey.asymmetricKeyType ?? '';
    return {
      expires: Date.parse(certificate.validTo) / 1000,
      identifier: `${first(issuer, 'serialNumber')}-${serial}`,
      details: [
        ['issuer_organization', first(issuer, 'O')],
        ['issuer_common_name', first(issuer, 'CN')],
        ['serial_number', serial],
        ['public_key_algorithm', ALGORITHMS[algorithm] ?? algorithm],
      ],
    };
  } catch {
    return null;
  }
}

/** The first value of an attribute of a name. */
function first(name: object, attribute: string): string {
  const value = (name as Readonly<Record<string, string | readonly string[] | undefined>>)[attribute];
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}

export function certificateFamilies(plan: Plan, options: CertificateMetricsOptions): readonly MetricFamily[] {
  return [
    simpleFamily(
      `${METRIC_PREFIX}ssl_expire_time_seconds`,
      'Unix time at which the certificate of a host expires',
      'gauge',
      () => samplesOf(plan, options, (labels, { expires }) => ({ labels: labelText(labels), value: expires })),
    ),
    simpleFamily(
      `${METRIC_PREFIX}ssl_certificate_info`,
      'Always 1; the labels describe the certificate of a host',
      'gauge',
      () =>
        samplesOf(plan, options, (labels, { details }) => ({ labels: labelText([...labels, ...details]), value: 1 })),
    ),
  ];
}

function* samplesOf(
  { live: { names, certificates } }: Plan,
  { controllerClass, defaultCertificate }: CertificateMetricsOptions,
  sampleOf: (labels: readonly (readonly [string, string])[], facts: Facts) => Sample,
): Generator<Sample, void> {
  for (const [host, key] of names) {
    // Hosts without a certificate of their own are not listed: the line of the default certificate stands for them.
    const name = key === DEFAULT ? (host === DEFAULT ? defaultCertificate : '') : key;
    const certificate = name === '' ? undefined : certificates.get(key);
    const facts = certificate === undefined ? null : factsOf(certificate);
    if (facts === null) continue;
    const [namespace = '', secret = ''] = name.split('/');
    const labels = { namespace, class: controllerClass, host, secret_name: secret };
    yield sampleOf([...Object.entries(labels), ['identifier', facts.identifier]], facts);
  }
}
