/**
 * Table of all bounds: how much one object, and one namespace, may ask for. The flags, docs/bounds.md and the texts of
 * Problems are generated from this table. Every replica must use the same values, so that all replicas refuse the same
 * objects.
 */

export interface BoundRow {
  /** Name of the flag, without dashes. */
  readonly flag: string;
  /** What is counted, in the plural: `5001 paths are more than …`. */
  readonly unit: string;
  readonly fallback: number;
  /** Smallest value that the flag accepts. */
  readonly least: number;
  /** Largest value that the flag accepts. */
  readonly most: number;
  /** What is bounded. */
  readonly about: string;
  /** What happens beyond the bound. */
  readonly beyond: string;
}

const ROWS = {
  ingressHosts: {
    flag: 'max-ingress-hosts',
    unit: 'hosts',
    fallback: 5000,
    least: 1,
    most: 20_000,
    about: 'hosts of one Ingress; its spec.tls may have twice as many names',
    beyond: 'the hosts listed first are served; the others are not',
  },
  ingressPaths: {
    flag: 'max-ingress-paths',
    unit: 'paths',
    fallback: 10_000,
    least: 1,
    most: 50_000,
    about: 'paths of one Ingress, on all of its hosts together',
    beyond: 'the paths listed first are served; the others are not',
  },
  ingressConfBytes: {
    flag: 'max-ingress-conf-bytes',
    unit: 'bytes',
    fallback: 1_048_576,
    least: 65_536,
    most: 1_073_741_824,
    about:
      'bytes of nginx.conf that the annotations of one Ingress produce for all of its paths together, not counting ' +
      'the first 1,024 of each location (a path has two locations, or one if it is `/` or Exact)',
    beyond: 'the paths answer 503',
  },
  annotationBytes: {
    flag: 'max-annotation-bytes',
    unit: 'bytes',
    fallback: 65_536,
    least: 1024,
    most: 262_144,
    about: 'bytes of the value of one annotation, or of all entries of a ConfigMap with headers',
    beyond: 'the value is invalid: it is ignored, or, if it guards access or names headers, the paths answer 503',
  },
  bufferBytes: {
    flag: 'max-buffer-bytes',
    unit: 'bytes',
    fallback: 16_777_216,
    least: 65_536,
    most: 1_073_741_824,
    about:
      "bytes of memory that one request may take because of an Ingress's annotations: client-body-buffer-size, and " +
      'proxy-buffer-size times proxy-buffers-number',
    beyond:
      'smaller buffers are used: larger bodies and responses are written to temporary files, or streamed to the client',
  },
  certificateBytes: {
    flag: 'max-certificate-bytes',
    unit: 'bytes',
    fallback: 65_536,
    least: 8192,
    most: 524_288,
    about: 'bytes of tls.crt in one Secret, and likewise of tls.key',
    beyond: 'the Secret is not used: hosts get the default certificate',
  },
  poolCertificates: {
    flag: 'max-pool-certificates',
    unit: 'Secrets of type kubernetes.io/tls',
    fallback: 1000,
    least: 1,
    most: 10_000,
    about: 'Secrets of type kubernetes.io/tls in the namespace of `--wildcard-certificates-namespace`',
    beyond: 'the first ones, in the order of their names, are used; the others are not',
  },
  chainLength: {
    flag: 'max-certificate-chain',
    unit: 'certificates',
    fallback: 16,
    least: 2,
    most: 100,
    about: 'certificates in tls.crt of a Secret',
    beyond: 'the Secret is not used: hosts get the default certificate',
  },
  rsaBits: {
    flag: 'max-rsa-bits',
    unit: 'bits',
    fallback: 4096,
    least: 2048,
    most: 16_384,
    about: 'bits of an RSA key in tls.key; a handshake with 16,384 bits keeps a worker busy for a quarter of a second',
    beyond: 'the Secret is not used: hosts get the default certificate',
  },
  serviceEndpoints: {
    flag: 'max-service-endpoints',
    unit: 'endpoints',
    fallback: 10_000,
    least: 100,
    most: 18_000,
    about: 'endpoints of one port of a Service',
    beyond: 'only the first are used, in the order of the names of their EndpointSlices',
  },
  authFileBytes: {
    flag: 'max-auth-file-bytes',
    unit: 'bytes',
    fallback: 262_144,
    least: 1024,
    most: 1_048_576,
    about: 'bytes of a Secret with passwords, which NGINX reads for each request',
    beyond: 'the paths that the Secret protects answer 503',
  },
  authoritiesBytes: {
    flag: 'max-ca-bytes',
    unit: 'bytes',
    fallback: 65_536,
    least: 8192,
    most: 1_048_576,
    about:
      'bytes of ca.crt in one Secret, and likewise of ca.crl; for each host or location that verifies certificates ' +
      'with this Secret, NGINX needs about eight times as much memory',
    beyond: 'the paths that the Secret protects answer 503, as with any unusable Secret',
  },
  liveMegabytes: {
    flag: 'max-live-data',
    unit: 'MiB',
    fallback: 1024,
    least: 128,
    most: 16_384,
    about: 'MiB of live data in the shared memory of NGINX, which grows with the cluster up to this size',
    beyond: 'the namespaces that use the most are cut back: their youngest objects are refused',
  },
  confMegabytes: {
    flag: 'max-conf-size',
    unit: 'MiB',
    fallback: 384,
    least: 16,
    most: 448,
    about: 'MiB of nginx.conf, as estimated from the Ingresses',
    beyond: 'the namespaces that use the most are cut back: the paths of their youngest Ingresses answer 503',
  },
  nginxMegabytes: {
    flag: 'max-nginx-memory',
    unit: 'MiB',
    fallback: 4096,
    least: 64,
    most: 65_536,
    about: 'MiB of memory for hosts and paths in each process of NGINX, as estimated from the Ingresses',
    beyond: 'the namespaces that use the most are cut back: the paths of their youngest Ingresses answer 503',
  },
  limitZones: {
    flag: 'max-limit-zones',
    unit: 'zones',
    fallback: 64,
    least: 1,
    most: 4096,
    about:
      'zones in which NGINX counts clients for the limits of one namespace. For each different `limit-allowlist`, ' +
      'there is one zone for each value of `limit-rps`, one for each value of `limit-rpm`, and one for ' +
      '`limit-connections`; a zone takes 108 kB when it is created, and 16 MiB with 131,072 clients',
    beyond: 'the oldest Ingresses are served; the paths of those that need another zone answer 503',
  },
  namespacePercent: {
    flag: 'namespace-share',
    unit: 'percent',
    fallback: 25,
    least: 1,
    most: 100,
    about:
      'percent of the maximum live data, nginx.conf and NGINX memory (`--max-live-data`, `--max-conf-size`, ' +
      '`--max-nginx-memory`) that one namespace may use',
    beyond:
      "the namespace's oldest objects are served: the paths of its younger Ingresses answer 503, and its younger " +
      'Secrets are not used',
  },
} as const satisfies Record<string, BoundRow>;

export type BoundName = keyof typeof ROWS;

export const BOUNDS: Readonly<Record<BoundName, BoundRow>> = ROWS;

/**
 * The bounds in force. The process uses one and the same object for its whole life, because results are remembered by
 * the identity of their inputs.
 */
export type Bounds = Readonly<Record<BoundName, number>>;

/** Bounds from flags; the default applies to each flag for which `given` returns undefined. */
export function boundsFrom(given: (flag: string) => number | undefined): Bounds {
  const entries = Object.entries(BOUNDS).map(([name, row]) => [name, given(row.flag) ?? row.fallback]);
  return Object.fromEntries(entries) as Bounds;
}

export const DEFAULT_BOUNDS: Bounds = boundsFrom(() => undefined);

/**
 * How an object exceeds a bound, as the end of a sentence that begins with the object: `has 5001 paths, more than the
 * 5000 of --max-ingress-paths`; undefined if the object is within the bound.
 */
export function excess<N extends BoundName>(
  name: N,
  count: number,
  bounds: Pick<Bounds, N>,
  verb = 'has',
): string | undefined {
  if (count <= bounds[name]) return undefined;
  const { unit, flag } = BOUNDS[name];
  return `${verb} ${count} ${unit}, more than the ${bounds[name]} of --${flag}`;
}

/** Maximum length of an entry of a Secret, in base64: a longer one exceeds every bound for Secrets. */
export function secretChars({ certificateBytes, authFileBytes, authoritiesBytes }: Bounds): number {
  return Math.ceil(Math.max(certificateBytes, authFileBytes, authoritiesBytes) / 3) * 4;
}
