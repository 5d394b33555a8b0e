/**
 * Names of annotations that ingress-nginx has removed, and names that are often written by mistake → what to use
 * instead, as the end of a sentence.
 */
const SUCCESSORS: Readonly<Record<string, string>> = {
  'add-base-url': 'use sub_filter in a configuration-snippet to replace text in responses',
  'base-url-scheme': 'use sub_filter in a configuration-snippet to replace text in responses',
  'configuration-snippets': 'use configuration-snippet',
  'custom-default-backend': 'use default-backend, the name of a Service of the same namespace',
  'enable-opentracing': 'opentracing was removed; use enable-opentelemetry',
  'enable-rewrite-logs': 'use enable-rewrite-log',
  'grpc-backend': 'use backend-protocol: GRPC',
  'ingress.class': 'use spec.ingressClassName',
  'limit-req': 'use limit-rps',
  'lua-resty-waf': 'it was removed without a replacement',
  'opentracing-trust-incoming-span': 'opentracing was removed; use opentelemetry-trust-incoming-span',
  'secure-backends': 'use backend-protocol: HTTPS',
  'secure-verify-ca-secret': 'use proxy-ssl-secret and proxy-ssl-verify: on',
  'session-cookie-hash': 'session cookies no longer need a hash algorithm',
  'ssl-client-verify': 'use auth-tls-verify-client',
  'upstream-fail-timeout':
    'failing endpoints are skipped automatically; proxy-next-upstream controls when the next one is tried',
  'upstream-max-fails':
    'failing endpoints are skipped automatically; proxy-next-upstream controls when the next one is tried',
};
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^lua-resty-waf-/, 'it was removed without a replacement'],
  [/^(?:enable-influxdb|influxdb-.+)$/, "it was removed; use the controller's Prometheus metrics"],
];

/**
 * What to use instead of an annotation; undefined if no version of ingress-nginx had it and it is not a common mistake.
 */
export function successorOf(name: string): string | undefined {
  return Object.hasOwn(SUCCESSORS, name) ? SUCCESSORS[name] : FAMILIES.find(([pattern]) => pattern.test(name))?.[1];
}
