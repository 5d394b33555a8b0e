/** Annotations that older versions of ingress-nginx had, or that people take for some → what does the same now, as the end of a sentence. */
const SUCCESSORS: Readonly<Record<string, string>> = {
  'add-base-url': 'sub_filter in a configuration-snippet changes texts of answers',
  'base-url-scheme': 'sub_filter in a configuration-snippet changes texts of answers',
  'configuration-snippets': 'the annotation is configuration-snippet',
  'custom-default-backend': 'write default-backend, the name of a Service of the same namespace',
  'enable-opentracing': 'opentracing was removed; enable-opentelemetry took its place',
  'enable-rewrite-logs': 'the annotation is enable-rewrite-log',
  'grpc-backend': 'write backend-protocol: GRPC',
  'ingress.class': 'write spec.ingressClassName',
  'limit-req': 'write limit-rps',
  'lua-resty-waf': 'it was removed, and nothing took its place',
  'opentracing-trust-incoming-span': 'opentracing was removed; opentelemetry-trust-incoming-span took its place',
  'secure-backends': 'write backend-protocol: HTTPS',
  'secure-verify-ca-secret': 'write proxy-ssl-secret and proxy-ssl-verify: on',
  'session-cookie-hash': 'cookies need no choice of a hash any more',
  'ssl-client-verify': 'write auth-tls-verify-client',
  'upstream-fail-timeout':
    'endpoints that fail are left out by themselves; proxy-next-upstream says when the next one is tried',
  'upstream-max-fails':
    'endpoints that fail are left out by themselves; proxy-next-upstream says when the next one is tried',
};
const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/^lua-resty-waf-/, 'it was removed, and nothing took its place'],
  [/^(?:enable-influxdb|influxdb-.+)$/, 'it was removed; the metrics of the controller are for Prometheus'],
];

/** Undefined for a name that no version had. */
export function successorOf(name: string): string | undefined {
  return Object.hasOwn(SUCCESSORS, name) ? SUCCESSORS[name] : FAMILIES.find(([pattern]) => pattern.test(name))?.[1];
}
