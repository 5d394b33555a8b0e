/** Suggestions of what to use instead of directives that snippets do not accept. */

/** Directive → annotation to use instead. */
const ANNOTATIONS: Readonly<Record<string, string>> = {
  auth_basic: 'auth-type',
  auth_basic_user_file: 'auth-secret',
  auth_request: 'auth-url',
  error_page: 'custom-http-errors',
  fastcgi_index: 'fastcgi-index',
  fastcgi_param: 'fastcgi-params-configmap',
  fastcgi_pass: 'backend-protocol: FCGI',
  grpc_pass: 'backend-protocol: GRPC',
  limit_conn: 'limit-connections',
  limit_req: 'limit-rps',
  limit_req_zone: 'limit-rps',
  mirror: 'mirror-target',
  mirror_request_body: 'mirror-request-body',
  proxy_cookie_domain: 'proxy-cookie-domain',
  proxy_cookie_path: 'proxy-cookie-path',
  proxy_intercept_errors: 'custom-http-errors',
  proxy_next_upstream: 'proxy-next-upstream',
  proxy_next_upstream_timeout: 'proxy-next-upstream-timeout',
  proxy_next_upstream_tries: 'proxy-next-upstream-tries',
  proxy_redirect: 'proxy-redirect-from',
  proxy_ssl_ciphers: 'proxy-ssl-ciphers',
  proxy_ssl_name: 'proxy-ssl-name',
  proxy_ssl_protocols: 'proxy-ssl-protocols',
  proxy_ssl_server_name: 'proxy-ssl-server-name',
  proxy_ssl_trusted_certificate: 'proxy-ssl-secret',
  proxy_ssl_verify: 'proxy-ssl-verify',
  satisfy: 'satisfy',
  server_name: 'server-alias',
  ssl_ciphers: 'ssl-ciphers',
  ssl_client_certificate: 'auth-tls-secret',
  ssl_prefer_server_ciphers: 'ssl-prefer-server-ciphers',
  ssl_verify_client: 'auth-tls-verify-client',
  ssl_verify_depth: 'auth-tls-verify-depth',
};

/** Directive → ConfigMap key to use instead. */
const SETTINGS: Readonly<Record<string, string>> = {
  brotli: 'enable-brotli',
  error_log: 'error-log-level',
  http2: 'use-http2',
  http2_max_concurrent_streams: 'http2-max-concurrent-streams',
  ignore_invalid_headers: 'ignore-invalid-headers',
  limit_conn_status: 'limit-conn-status-code',
  limit_req_status: 'limit-req-status-code',
  log_format: 'log-format-upstream',
  proxy_headers_hash_bucket_size: 'proxy-headers-hash-bucket-size',
  proxy_headers_hash_max_size: 'proxy-headers-hash-max-size',
  real_ip_header: 'forwarded-for-header',
  server_tokens: 'server-tokens',
  set_real_ip_from: 'proxy-real-ip-cidr',
  ssl_buffer_size: 'ssl-buffer-size',
  ssl_dhparam: 'ssl-dh-param',
  ssl_ecdh_curve: 'ssl-ecdh-curve',
  ssl_protocols: 'ssl-protocols',
  ssl_session_cache: 'ssl-session-cache',
  ssl_session_tickets: 'ssl-session-tickets',
  ssl_session_timeout: 'ssl-session-timeout',
  underscores_in_headers: 'enable-underscores-in-headers',
};

const OTHER: Readonly<Record<string, string>> = {
  proxy_cache: 'Tidegate does not cache responses',
  proxy_pass: 'use a path of an Ingress, with the annotation upstream-vhost for its Host header',
  ssl_certificate: 'use spec.tls of the Ingress',
  ssl_certificate_key: 'use spec.tls of the Ingress',
};

/** All suggested annotations and ConfigMap keys; a test checks that they exist. */
export const NAMED = { annotations: Object.values(ANNOTATIONS), settings: Object.values(SETTINGS) };

/** The suggestion for a directive, as the end of a sentence; undefined if there is none. */
export function insteadOf(name: string): string | undefined {
  const annotation = ANNOTATIONS[name];
  if (annotation !== undefined) return `use the annotation ${annotation}`;
  const setting = SETTINGS[name];
  return setting === undefined ? OTHER[name] : `use the ConfigMap key ${setting}`;
}
