/** Directives that annotations and settings may contribute; all others are in the templates. */
import type { ConfValue } from './conf-value.ts';

/** Directives that the proxy, grpc and fastcgi modules have, without the prefix of the module. */
export type OfEveryPass =
  | 'buffer_size'
  | 'connect_timeout'
  | 'hide_header'
  | 'next_upstream'
  | 'next_upstream_timeout'
  | 'pass_header'
  | 'read_timeout'
  | 'send_timeout';
/** Directives that the proxy and grpc modules have. */
export type OfTlsPass =
  | 'ssl_certificate'
  | 'ssl_certificate_key'
  | 'ssl_ciphers'
  | 'ssl_name'
  | 'ssl_protocols'
  | 'ssl_server_name'
  | 'ssl_trusted_certificate'
  | 'ssl_verify'
  | 'ssl_verify_depth';
/** Directives that the proxy and fastcgi modules have. */
export type OfBufferedPass =
  'buffering' | 'buffers' | 'busy_buffers_size' | 'intercept_errors' | 'max_temp_file_size' | 'request_buffering';
/** Directives that only the proxy module has. */
export type OfProxyPass = 'cookie_domain' | 'cookie_path' | 'http_version' | 'method' | 'redirect';

/** Directives that only the fastcgi module has. */
export type OfFastcgiPass = 'index' | 'param';

/** Directives for TLS with clients, without `ssl_`. */
type OfTls =
  | 'buffer_size'
  | 'ciphers'
  | 'client_certificate'
  | 'crl'
  | 'dhparam'
  | 'early_data'
  | 'ecdh_curve'
  | 'prefer_server_ciphers'
  | 'protocols'
  | 'reject_handshake'
  | 'session_cache'
  | 'session_ticket_key'
  | 'session_tickets'
  | 'session_timeout'
  | 'verify_client'
  | 'verify_depth';

/** Directives that settings use for TCP and UDP connections. */
type OfStream = 'proxy_next_upstream_tries' | 'proxy_timeout';

/** Directives that settings use for all of nginx, for its connections and for its hash tables. */
export type OfNginx =
  | 'aio'
  | 'aio_write'
  | 'brotli'
  | 'brotli_comp_level'
  | 'brotli_min_length'
  | 'brotli_types'
  | 'client_body_timeout'
  | 'client_header_buffer_size'
  | 'client_header_timeout'
  | 'default_type'
  | 'gzip'
  | 'gzip_comp_level'
  | 'gzip_disable'
  | 'gzip_http_version'
  | 'gzip_min_length'
  | 'gzip_proxied'
  | 'gzip_types'
  | 'gzip_vary'
  | 'http2_max_concurrent_streams'
  | 'http3_max_concurrent_streams'
  | 'keepalive_requests'
  | 'keepalive_timeout'
  | 'large_client_header_buffers'
  | 'map_hash_bucket_size'
  | 'multi_accept'
  | 'proxy_headers_hash_bucket_size'
  | 'proxy_headers_hash_max_size'
  | 'thread_pool'
  | 'variables_hash_bucket_size'
  | 'variables_hash_max_size'
  | 'worker_connections'
  | 'worker_cpu_affinity'
  | 'worker_processes'
  | 'worker_rlimit_nofile'
  | 'worker_shutdown_timeout';

/**
 * Directives that only snippets use and that nginx itself executes; model/values/snippets/directives.ts checks their
 * values.
 */
export type OfSnippet =
  | 'access_log'
  | 'charset'
  | 'client_header_buffer_size'
  | 'chunked_transfer_encoding'
  | 'client_body_timeout'
  | 'client_header_timeout'
  | 'default_type'
  | 'etag'
  | 'expires'
  | `gzip${'' | '_comp_level' | '_http_version' | '_min_length' | '_proxied' | '_types' | '_vary'}`
  | 'if_modified_since'
  | 'keepalive_requests'
  | 'keepalive_timeout'
  | 'large_client_header_buffers'
  | `limit_rate${'' | '_after'}`
  | 'log_not_found'
  | 'max_ranges'
  | `proxy_${'cache' | 'force_ranges' | 'ignore_client_abort' | 'ignore_headers' | 'limit_rate' | 'socket_keepalive'}`
  | 'send_timeout'
  | 'server_tokens'
  | 'tcp_nodelay'
  | `sub_filter${'' | '_last_modified' | '_once' | '_types'}`;

/** A closed list: a feature that needs another directive adds its name here, where a reviewer sees it. */
export type DirectiveName =
  | OfSnippet
  | 'access_by_lua'
  | 'allow'
  | 'auth_basic'
  | 'auth_basic_user_file'
  | 'auth_request'
  | 'auth_request_set'
  | 'client_body_buffer_size'
  | 'client_max_body_size'
  | 'debug_connection'
  | 'deny'
  | 'error_page'
  | 'ignore_invalid_headers'
  | 'limit_conn'
  | 'limit_conn_status'
  | 'limit_rate'
  | 'limit_rate_after'
  | 'limit_req'
  | 'limit_req_status'
  | 'log_subrequest'
  | 'mirror'
  | 'mirror_request_body'
  | 'satisfy'
  | 'set'
  | 'underscores_in_headers'
  | OfNginx
  | OfStream
  | `fastcgi_${OfEveryPass | OfBufferedPass | OfFastcgiPass}`
  | `grpc_${OfEveryPass | OfTlsPass}`
  | `ssl_${OfTls}`
  | `proxy_${OfEveryPass | OfTlsPass | OfBufferedPass | OfProxyPass}`;

export interface Directive {
  readonly name: DirectiveName;
  readonly args: readonly ConfValue[];
}

export function directive(name: DirectiveName, ...args: readonly ConfValue[]): Directive {
  return { name, args };
}
