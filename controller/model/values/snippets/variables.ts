/** Determines which variables a tenant's snippet may read or set. */
import { isRequestVariable } from '../../contract/request-variables.ts';

/** Variables about the request, the connection or the response that reveal nothing about the installation. */
const KNOWN: ReadonlySet<string> = new Set([
  'args',
  'body_bytes_sent',
  'bytes_sent',
  'connection',
  'connection_requests',
  'content_length',
  'content_type',
  'document_uri',
  'host',
  'hostname',
  'https',
  'is_args',
  'msec',
  'query_string',
  'realip_remote_addr',
  'realip_remote_port',
  'remote_addr',
  'remote_port',
  'remote_user',
  'req_id',
  'request',
  'request_id',
  'request_length',
  'request_method',
  'request_time',
  'request_uri',
  'scheme',
  'server_addr',
  'server_name',
  'server_port',
  'server_protocol',
  'ssl_cipher',
  'ssl_client_fingerprint',
  'ssl_client_i_dn',
  'ssl_client_s_dn',
  'ssl_client_serial',
  'ssl_client_verify',
  'ssl_protocol',
  'ssl_server_name',
  'ssl_session_reused',
  'status',
  'time_iso8601',
  'time_local',
  'upstream_addr',
  'upstream_cache_status',
  'upstream_connect_time',
  'upstream_header_time',
  'upstream_response_time',
  'upstream_status',
  'uri',
]);
const FAMILY = /^(?:arg|cookie|http|sent_http|upstream_cookie|upstream_http)_[a-z0-9_]+$/;

/** The name of an nginx variable if a snippet may read it; otherwise undefined. */
export function knownVariable(name: string): string | undefined {
  const known = KNOWN.has(name) || FAMILY.test(name) || isRequestVariable(name);
  return known || name === 'proxy_alternative_upstream_name' ? name : undefined;
}

/** Variables with decoded values, which can contain a line break if a client sends an encoded one. */
const DECODED: ReadonlySet<string> = new Set(['document_uri', 'remote_user', 'uri']);

/** Whether nginx may, without a check, write the value of a variable into a header for a backend. */
export function isRaw(name: string): boolean {
  return !DECODED.has(name);
}

/** Why a snippet may not set a variable, as the end of a sentence; undefined if the snippet may set it. */
export function unsettable(name: string): string | undefined {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(name)) return 'is not a valid variable name';
  const nginx = knownVariable(name) !== undefined || /^(?:tidegate_|proxy_|limit_rate$|literal_dollar$)/.test(name);
  return nginx ? 'is a variable of nginx; a snippet may only set variables of its own' : undefined;
}
