/**
 * Annotations of older versions of ingress-nginx, or commonly mistaken for annotations → what to use now, as the end of
 * a sentence.
 */
const SUCCESSORS: Readonly<Record<string, string>> = {
  'add-base-url': 'sub_filter in a configuration-snippet replaces text in responses',
  'base-url-scheme': 'sub_filter in a configuration-snippet replaces text in responses',
  'configuration-snippets': 'use configuration-snippet',
  'custom-default-backend': 'use default-backend, the name of a Service of the same namespace',
  'enable-opentracing': 'opentracing was removed; enable-opentelemetry took its place',
  'enable-rewrite-logs': 'use enable-rewrite-log',
  'grpc-backend': 'use backend-protocol: GRPC',
  'ingress.class': 'use spec.ingressClassName',
  'limit-req': 'use limit-rps',
  'lua-resty-waf': 'it was removed without a replacement',
  'opentracing-trust-incoming-span': 'opentracing was removed; opentelemetry-trust-incoming-span took its place',
  'secure-backends': 'use backend-protocol: HTTPS',
  'secure-verify-ca-secret': 'use proxy-ssl-secret and proxy-ssl-verify: on',
  'session-cookie-hash': 'session cookies no longer need a hash algorithm',
  'ssl-client-verify': 'use auth-tls-verify-client',
  'upstream-fail-timeout':
    'failing endpoints are skipped automatically; proxy-next-upstream says when the next one is tried',
  'upstream-max-fails':
    'failing endpoints are skipped automatically; proxy-next-upstream says when the next one is tried',
};
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^lua-resty-waf-/, 'it was removed without a replacement'],
  [/^(?:enable-influxdb|influxdb-.+)$/, "it was removed; use the controller's Prometheus metrics"],
];

/** Undefined for a name that no version had. */
export function successorOf(name: string): string | undefined {
  return Object.hasOwn(SUCCESSORS, name) ? SUCCESSORS[name] : FAMILIES.find(([pattern]) => pattern.test(name))?.[1];
}
