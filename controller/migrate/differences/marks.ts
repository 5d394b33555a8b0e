/**
 * Says to whom the sentences of docs/differences.md apply. `npm run generate` takes the sentences from the page and
 * writes them with these marks to `differences.gen.ts`, so that the page and a report contain the same text. It fails if
 * a marked sentence is not on the page.
 */
import type { Condition } from '../conditions.ts';

/**
 * `differs`: an Ingress to which the sentences apply behaves differently. `detail`: the difference rarely matters, so
 * the Ingress still counts as the same. `invalid`: what happens with a value that is not accepted. `everyone`: the
 * sentences apply to each installation, whatever its Ingresses contain.
 */
export type MarkKind = 'differs' | 'detail' | 'invalid' | 'everyone';

export interface Mark {
  readonly kind: MarkKind;
  /**
   * Names of annotations without the prefix; a name that ends in `*` stands for all that begin with the rest. Keys of
   * the ConfigMap have the prefix `configmap:`, flags the prefix `--`. Empty: the condition alone decides.
   */
  readonly keys: readonly string[];
  /** The sentences apply only under this condition. */
  readonly when?: Condition;
  /** The beginning of the first sentence. */
  readonly from: string;
  /** The number of sentences. */
  readonly count: number;
}

type Where = string | readonly [from: string, count: number];

function mark(kind: MarkKind, keys: string, where: Where, when?: Condition): Mark {
  const [from, count] = typeof where === 'string' ? [where, 1] : where;
  const names = keys.split(' ').filter((each) => each !== '');
  return { kind, keys: names, from, count, ...(when !== undefined && { when }) };
}

const differs = (keys: string, where: Where, when?: Condition): Mark => mark('differs', keys, where, when);
const detail = (keys: string, where: Where, when?: Condition): Mark => mark('detail', keys, where, when);
const invalid = (keys: string, where: Where): Mark => mark('invalid', keys, where);
const everyone = (where: Where): Mark => mark('everyone', '', where);

const ON_PATHS: readonly Mark[] = [
  differs('', ['A Prefix path `/foo/` also serves `/foo`', 2], 'prefix-with-slash'),
  differs('', 'An Exact path `/foo/` does not affect', 'exact-with-slash'),
  differs('', 'An Ingress with `defaultBackend` and rules without a host', 'default-backend-and-hostless-rule'),
  differs('', 'The unmatched paths of a host go to the `spec.defaultBackend`', 'default-backend-of-younger'),
  differs('', 'With `/foo` and `/foo/` on one host', 'both-slashes'),
  detail('', ['If the DNS name of an ExternalName Service', 3], 'external-name'),
  differs(
    'app-root permanent-redirect temporal-redirect',
    'With `use-forwarded-headers`, `app-root`',
    'forwarded-headers',
  ),
  invalid('rewrite-target use-regex', ['Regular expressions must follow', 3]),
  invalid('server-alias', ['Path and alias patterns', 3]),
  invalid('server-alias', 'An invalid name in `server-alias`'),
  invalid('server-alias', 'An alias that a wildcard host covers'),
  detail('rewrite-target', 'A rewrite whose result contains `.`'),
  invalid('rewrite-target', '`rewrite-target` accepts no variables'),
  detail('use-port-in-redirects', '`use-port-in-redirects: "true"` also adds'),
  detail('permanent-redirect', '`permanent-redirect` to a path keeps'),
  detail('permanent-redirect temporal-redirect', 'If one of these redirects, or a `rewrite-target`'),
  invalid('permanent-redirect temporal-redirect', ['`$request_uri`, `$uri`, `$args`', 2]),
  invalid('permanent-redirect', 'The value is a URL with `http`'),
  invalid('permanent-redirect-code temporal-redirect-code', 'Statuses with which NGINX sends no Location'),
  invalid(
    'permanent-redirect permanent-redirect-code temporal-redirect temporal-redirect-code relative-redirects',
    'An invalid value of a redirect',
  ),
  detail('from-to-www-redirect', ['The redirect of `from-to-www-redirect`', 3]),
  invalid('app-root', '`app-root` with `//host`'),
  differs('enable-rewrite-log', '`enable-rewrite-log` writes a line'),
];

const ON_HEADERS: readonly Mark[] = [
  invalid('upstream-vhost', '`upstream-vhost` accepts'),
  invalid(
    'upstream-vhost x-forwarded-prefix connection-proxy-header',
    'An invalid value is ignored with a warning, as',
  ),
  detail('x-forwarded-prefix', 'Captures in `x-forwarded-prefix`'),
  detail('custom-headers', 'Changes to the ConfigMap of `custom-headers`'),
  invalid('custom-headers', ['If the reference is not `namespace/name`', 3]),
  detail('custom-http-errors', ['If neither the Ingress nor the installation', 2]),
  detail('custom-http-errors', ['The backend of a `custom-http-errors` page', 2]),
  invalid('custom-http-errors', 'A list with a status for which no page'),
  detail('disable-proxy-intercept-errors', '`disable-proxy-intercept-errors` also applies'),
  detail('http2-push-preload', '`http2-push-preload` has no effect'),
  invalid('cors-*', 'A `cors-allow-origin` without a valid origin'),
  invalid('cors-*', 'An invalid `cors-allow-credentials`'),
  detail('enable-cors', ['Origins are compared as a whole', 2]),
  detail('enable-cors', 'The 204 has no Content-Type'),
  detail('cors-allow-methods cors-allow-headers cors-expose-headers', 'The members of `cors-allow-methods`'),
];

const ON_ACCESS: readonly Mark[] = [
  invalid(
    'allowlist-source-range whitelist-source-range denylist-source-range',
    'With an invalid list of source ranges',
  ),
  invalid('enable-modsecurity modsecurity-* enable-owasp-core-rules', 'With `enable-modsecurity: "true"`'),
  detail('enable-opentelemetry opentelemetry-*', 'OpenTelemetry annotations are accepted'),
  invalid('auth-type', ['With any `auth-type` other', 2]),
  invalid('auth-secret auth-secret-type', 'They also answer 503 if the Secret of `auth-secret`'),
  invalid('auth-realm', '`auth-realm: "off"` switched'),
  detail('auth-secret', 'A user whose hash NGINX cannot check'),
  invalid('configuration-snippet server-snippet auth-snippet', 'Snippets are parsed, and may contain'),
  invalid('configuration-snippet server-snippet auth-snippet', 'They also answer 503 if snippets are not allowed'),
  detail('server-snippet', 'The target of `rewrite … last`'),
  detail('configuration-snippet server-snippet', 'Headers of a snippet are added'),
  detail('limit-rps limit-rpm limit-connections', ['Ingresses whose limits have the same number', 3]),
  invalid('limit-*', ['With an invalid number, the paths answer 503', 2]),
  detail('limit-burst-multiplier', '`limit-burst-multiplier: "0"`'),
  detail('limit-rate limit-rate-after', '`limit-rate` has no effect without'),
  invalid('auth-url auth-request-redirect auth-always-set-cookie', ['No invalid value switches', 3]),
  invalid('auth-url auth-signin', ['The host of an `auth-url`', 2]),
  invalid('auth-signin', ['The host of `auth-signin`', 2]),
  detail('auth-url', 'Subrequests to the service do not contain'),
  detail('auth-url', 'Every 2xx permits a request.'),
  detail('auth-url', ['A response of the service that announces', 2]),
  detail('auth-keepalive*', '`auth-keepalive` also works'),
  detail('auth-keepalive*', 'The number in `auth-keepalive`'),
  invalid('auth-snippet', '`auth-snippet` and `global-auth-snippet`'),
  detail('auth-cache-key', ['`auth-cache-key` must contain', 4]),
  invalid('auth-cache-key', '`auth-cache-key` must contain'),
  invalid('auth-cache-duration', 'With an invalid `auth-cache-duration`'),
  detail('auth-signin', 'With `auth-signin`, the `custom-http-errors`'),
  detail('auth-proxy-set-headers', 'The ConfigMap of `auth-proxy-set-headers`'),
  invalid('auth-proxy-set-headers', 'Its values accept only variables that describe'),
  differs('auth-tls-secret', ['Clients of a host with `auth-tls-secret`', 2]),
  detail('auth-tls-secret', ['A request for a host with client certificates', 2]),
  invalid('auth-tls-*', ['If the Secret has no `ca.crt`, all', 4]),
  invalid('auth-tls-*', ['If two Ingresses of a host have different verification', 2]),
  differs('auth-tls-match-cn', '`auth-tls-match-cn` applies to the paths', 'shared-host'),
  invalid('auth-tls-match-cn', 'A pattern with catastrophic backtracking'),
  invalid('auth-tls-secret', 'With `auth-tls-secret` on a rule without a host'),
  invalid('ssl-ciphers ssl-prefer-server-ciphers', 'For the same reason, `ssl-ciphers`'),
  invalid('auth-tls-error-page', '`auth-tls-error-page` is a URL'),
  invalid('ssl-ciphers proxy-ssl-ciphers proxy-ssl-protocols', 'TLS cipher lists, groups and versions'),
  differs('ssl-passthrough', ['Connections are passed to the endpoints', 2], 'passthrough-enabled'),
  detail('ssl-passthrough', ['Connections may be idle for one day', 2], 'passthrough-enabled'),
  detail('mirror-target', 'Requests to the `mirror-target` do not contain'),
];

const ON_BACKENDS: readonly Mark[] = [
  invalid('proxy-ssl-verify', 'A `proxy-ssl-verify` that is neither'),
  detail('proxy-ssl-secret', '`proxy-ssl-*` also works for'),
  detail('proxy-ssl-secret', ['A client certificate is sent even', 2]),
  detail('proxy-ssl-secret', ['`proxy-ssl-protocols` allows TLS 1.3', 2]),
  invalid('proxy-ssl-ciphers', 'A `proxy-ssl-ciphers` that selects no cipher'),
  detail('proxy-ssl-verify proxy-ssl-name', '`proxy-ssl-*` without `proxy-ssl-secret`', 'without-proxy-ssl-secret'),
  invalid('proxy-buffer* proxy-busy-buffers-size proxy-max-temp-file-size', [
    'Buffer sizes that NGINX does not accept',
    5,
  ]),
  invalid('client-body-buffer-size', 'An invalid `client-body-buffer-size`'),
  invalid('proxy-connect-timeout proxy-send-timeout proxy-read-timeout', 'Timeouts below one second'),
  invalid('proxy-cookie-domain proxy-cookie-path proxy-redirect-from', [
    '`proxy-cookie-domain`, `proxy-cookie-path`',
    2,
  ]),
  detail('proxy-redirect-from', '`proxy-redirect-from: default` means'),
  differs('backend-protocol', ['FastCGI applications get the same', 2], 'fastcgi'),
  invalid('fastcgi-index', 'A `fastcgi-index` that is not a file name'),
  detail('fastcgi-params-configmap', 'Changes to the ConfigMap that `fastcgi-params-configmap`'),
  invalid('fastcgi-params-configmap', 'If the ConfigMap is in another namespace, or has an entry'),
  differs('load-balance', '`load-balance` applies to the paths', 'shared-service'),
  invalid('load-balance', ['The annotation accepts `least_conn`', 2]),
  detail('load-balance', '`ewma` uses the time', 'ewma'),
  differs('affinity', 'Session affinity applies to the paths', 'shared-service'),
  differs('affinity', 'If the path is a regular expression, the Path', 'cookie-of-regex'),
  detail('session-cookie-samesite', '`session-cookie-samesite` is sent'),
  detail('affinity', ["If a client's endpoint fails", 2]),
  detail('affinity-mode', 'With `affinity-mode: persistent`', 'persistent-affinity'),
  differs('upstream-hash-by', ['The hash ring of `upstream-hash-by`', 2]),
  differs('upstream-hash-by-subset', 'A subset consists of the first endpoints', 'hash-subset'),
  differs(
    'upstream-hash-by service-upstream',
    '`upstream-hash-by`, `upstream-hash-by-subset` and `service-upstream` apply',
    'shared-service',
  ),
  invalid('upstream-hash-by', '`upstream-hash-by` accepts the variables'),
  invalid('upstream-hash-by', 'An invalid value is reported and ignored; ingress-nginx rejected'),
  invalid('service-upstream', 'With an invalid `service-upstream`'),
  differs('canary', ['A canary belongs to paths, not to Services', 2], 'canary-of-shared-service'),
  differs('canary', ['All canaries of a path take effect', 4], 'several-canaries'),
  differs('canary', '`spec.tls`, `spec.defaultBackend` and `server-alias` of a canary', 'canary-with-host-settings'),
  detail('canary', ['A request that a rule sends to a canary', 2]),
  invalid('canary-by-header-pattern', ['A `canary-by-header-pattern` with catastrophic', 2]),
  invalid('mirror-target', 'The host of a `mirror-target`'),
  invalid('mirror-target', 'With an invalid value, nothing is mirrored'),
  detail('mirror-target', 'If the path contains a query, only'),
  detail('mirror-target', ['Mirrored requests contain the same', 4]),
  detail('stream-snippet', '`stream-snippet` of an Ingress has no effect'),
];

const ON_SETTINGS: readonly Mark[] = [
  detail('configmap:proxy-set-headers configmap:add-headers', 'Changes to the ConfigMaps of `proxy-set-headers`'),
  differs('configmap:proxy-set-headers configmap:add-headers', ['The values may contain variables of NGINX', 3]),
  detail('configmap:hsts', '`Strict-Transport-Security` is on every response'),
  differs('configmap:block-cidrs', ['`block-cidrs` applies to every path', 2]),
  differs('configmap:use-forwarded-headers', ['If a trusted proxy sends X-Forwarded-Proto', 2]),
  differs('configmap:use-forwarded-headers configmap:use-proxy-protocol', 'Headers of a forwarding proxy'),
  differs('configmap:use-proxy-protocol', 'With `use-proxy-protocol` and `use-forwarded-headers`', 'forwarded-headers'),
  differs('configmap:bind-address', ['`bind-address` lists all addresses', 3]),
  detail('configmap:reuse-port', '`reuse-port` has no effect'),
  detail('configmap:global-auth-url', 'A request for a path that no Ingress of its host'),
  invalid('configmap:global-auth-url', ['No invalid value switches', 3]),
  invalid('configmap:global-auth-snippet', '`auth-snippet` and `global-auth-snippet`'),
  differs('configmap:global-allowed-response-headers', '`global-allowed-response-headers` ignores case'),
  differs('configmap:server-snippet configmap:location-snippet', '`server-snippet` and `location-snippet` cancel no'),
  detail('configmap:main-snippet configmap:http-snippet configmap:server-snippet configmap:location-snippet', [
    'If NGINX rejects part of a ConfigMap snippet',
    2,
  ]),
  invalid('configmap:*', ['If NGINX rejects a value of the ConfigMap', 3]),
  detail(
    'configmap:enable-modsecurity configmap:enable-owasp-modsecurity-crs configmap:modsecurity-snippet',
    '`enable-modsecurity`, `enable-owasp-modsecurity-crs` and `modsecurity-snippet` are',
  ),
  invalid('configmap:map-hash-bucket-size configmap:variables-hash-bucket-size', "Sizes of NGINX's tables"),
  invalid('configmap:client-header-timeout configmap:client-body-timeout', '`client-header-timeout` and'),
  detail('configmap:max-worker-connections configmap:max-worker-open-files', [
    '`max-worker-connections` is lowered',
    2,
  ]),
  differs('configmap:enable-aio-write', '`enable-aio-write` starts 8 threads'),
  detail('configmap:strict-validate-path-type', ['`strict-validate-path-type` has no effect', 2]),
  detail('configmap:log-format-upstream', ['If `log-format-upstream` contains', 5]),
  detail('configmap:syslog-host configmap:enable-syslog', ['`syslog-host` and `syslog:server=`', 2]),
  detail('configmap:error-log-path configmap:error-log-level', ['`error-log-path` and `error-log-level`', 2]),
  invalid('configmap:skip-access-log-urls', 'Regular expressions in `skip-access-log-urls`'),
  detail('configmap:access-log-path configmap:access-log-params', ['The path of a log must be', 3]),
  detail('--enable-topology-aware-routing', '`--enable-topology-aware-routing` follows'),
  detail('--enable-ssl-chain-completion', ['`--enable-ssl-chain-completion` does not', 2]),
  detail('--enable-ssl-passthrough', ['NGINX does it, and not the controller', 2]),
  detail('--ssl-passthrough-proxy-port', '`--ssl-passthrough-proxy-port` has no effect'),
  detail('--tcp-services-configmap --udp-services-configmap', 'Endpoints are chosen at random'),
  detail('--tcp-services-configmap --udp-services-configmap', 'An endpoint that does not accept a connection'),
  differs('--stream-port', '`--stream-port` is a UDP port'),
  detail('--watch-namespace', ['The controller does not start if the namespace', 2]),
  detail('--disable-catch-all', 'An Ingress with `spec.defaultBackend` is reported'),
  detail('--monitor-max-batch-size', '`--monitor-max-batch-size` has no effect'),
  detail('--metrics-per-undefined-host', ['Requests for hosts that no Ingress has are counted', 2]),
  detail('--disable-full-test', 'The webhook never renders nginx.conf'),
];

const FOR_ALL: readonly Mark[] = [
  everyone('Redirects to HTTPS contain the HTTPS port'),
  everyone(['If no rule of a host contains the path', 3]),
  everyone('Endpoints, ExternalNames and URLs that lead to loopback'),
  everyone(['If the request line contains a URL', 2]),
  everyone(['Every request to a backend, a mirror', 4]),
  everyone('`Upgrade: h2c` is not passed on'),
  everyone(['Responses have the header `Server: nginx`', 2]),
  everyone(['`X-Accel-Redirect` of a backend', 4]),
  everyone('`/nginx_status` is served on the status port'),
  everyone('Headers `ssl-client-verify`, `ssl-client-subject-dn`'),
  everyone(['Retries that do not lead to a successful response', 4]),
  everyone('After 60 seconds, a request is not retried'),
  everyone('A request to a Service with a single endpoint'),
  everyone(['An endpoint that fails three tries', 2]),
  everyone('If a Service has no ready endpoint'),
  everyone(['If the certificate of a Secret becomes unusable', 4]),
  everyone(['What one object may request is bounded', 2]),
  everyone('The default format of the access log has one more field'),
  everyone('There is no label `path` unless'),
];

export const MARKS: readonly Mark[] = [
  ...ON_PATHS,
  ...ON_HEADERS,
  ...ON_ACCESS,
  ...ON_BACKENDS,
  ...ON_SETTINGS,
  ...FOR_ALL,
];

/** What happens with an invalid value of a key for which no sentence is marked as `invalid`. */
export const USUALLY: Mark = invalid('', 'An invalid value disables only its own annotation');
