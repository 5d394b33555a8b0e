/** Directives that annotations and settings may contribute; the templates hold all the others. */
import type { ConfValue } from './conf-value.ts';

/** A closed list: a feature that needs another directive adds its name here, where a reviewer sees it. */
export type DirectiveName =
  | 'allow'
  | 'client_max_body_size'
  | 'deny'
  | 'grpc_connect_timeout'
  | 'grpc_read_timeout'
  | 'grpc_send_timeout'
  | 'grpc_ssl_certificate'
  | 'grpc_ssl_certificate_key'
  | 'grpc_ssl_name'
  | 'grpc_ssl_server_name'
  | 'grpc_ssl_trusted_certificate'
  | 'grpc_ssl_verify'
  | 'grpc_ssl_verify_depth'
  | 'proxy_connect_timeout'
  | 'proxy_read_timeout'
  | 'proxy_send_timeout'
  | 'proxy_ssl_certificate'
  | 'proxy_ssl_certificate_key'
  | 'proxy_ssl_name'
  | 'proxy_ssl_server_name'
  | 'proxy_ssl_trusted_certificate'
  | 'proxy_ssl_verify'
  | 'proxy_ssl_verify_depth'
  | 'worker_processes';

export interface Directive {
  readonly name: DirectiveName;
  readonly args: readonly ConfValue[];
}

export function directive(name: DirectiveName, ...args: readonly ConfValue[]): Directive {
  return { name, args };
}
