/** The format of the access log: that of `log-format-upstream`, or a preset. */
import { asUtf8 } from '../contract/client-texts.ts';
import type { Settings } from './settings.ts';

export interface AccessLogFormat {
  readonly format: string;
  /** How nginx escapes the values of variables. */
  readonly escape: 'default' | 'json' | 'none';
}

/**
 * The fields of one JSON object. A value without quotes is always a number. The status has quotes, because a backend
 * may send 007, which is not a number in JSON.
 */
function json(fields: Readonly<Record<string, string>>): string {
  return `{${Object.entries(fields)
    .map(([name, value]) => `"${name}":${value}`)
    .join(',')}}`;
}

function text(...names: readonly string[]): string {
  return `"${names.map((name) => `$${name}`).join('')}"`;
}

const PRESETS: Readonly<Record<Exclude<Settings['log-format-preset'], 'none'>, string>> = {
  json: json({
    time: text('time_iso8601'),
    request_id: text(asUtf8('req_id')),
    remote_addr: text('remote_addr'),
    remote_user: text(asUtf8('remote_user')),
    x_forwarded_for: text(asUtf8('http_x_forwarded_for')),
    method: text('request_method'),
    scheme: text('scheme'),
    host: text(asUtf8('host')),
    uri: text(asUtf8('request_uri')),
    protocol: text('server_protocol'),
    status: text('status'),
    reason: text('tidegate_reason'),
    bytes_sent: '$bytes_sent',
    request_length: '$request_length',
    request_time: '$request_time',
    referer: text(asUtf8('http_referer')),
    user_agent: text(asUtf8('http_user_agent')),
    tls_protocol: text('ssl_protocol'),
    namespace: text('namespace'),
    ingress: text('ingress_name'),
    service: text('service_name'),
    service_port: text('service_port'),
    canary: text('proxy_alternative_upstream_name'),
    upstream_addr: text('upstream_addr'),
    upstream_status: text('upstream_status'),
    upstream_response_time: text('upstream_response_time'),
    upstream_tries: text('tidegate_tries'),
  }),
  // The field names are those of the Elastic Common Schema and, where it has none, of Elastic's integration for NGINX
  // Ingress Controller.
  ecs: json({
    '@timestamp': text('time_iso8601'),
    'ecs.version': '"8.11.0"',
    'event.kind': '"event"',
    'event.dataset': '"nginx.ingress_controller"',
    'event.reason': text('tidegate_reason'),
    'http.request.id': text(asUtf8('req_id')),
    'http.request.method': text('request_method'),
    'http.request.bytes': '$request_length',
    'http.request.referrer': text(asUtf8('http_referer')),
    'http.response.status_code': text('status'),
    'http.response.bytes': '$bytes_sent',
    'http.response.body.bytes': '$body_bytes_sent',
    'http.version': text('server_protocol'),
    'source.ip': text('remote_addr'),
    'user.name': text(asUtf8('remote_user')),
    'url.scheme': text('scheme'),
    'url.domain': text(asUtf8('host')),
    'url.original': text(asUtf8('request_uri')),
    'user_agent.original': text(asUtf8('http_user_agent')),
    'tls.version_protocol': text('ssl_protocol'),
    'tls.cipher': text('ssl_cipher'),
    'orchestrator.type': '"kubernetes"',
    'orchestrator.namespace': text('namespace'),
    'orchestrator.resource.type': '"ingress"',
    'orchestrator.resource.name': text('ingress_name'),
    'service.name': text('service_name'),
    'destination.address': text('upstream_addr'),
    'nginx.ingress_controller.http.request.time': '$request_time',
    'nginx.ingress_controller.upstream.name': text('proxy_upstream_name'),
    'nginx.ingress_controller.upstream.alternative_name': text('proxy_alternative_upstream_name'),
    'nginx.ingress_controller.upstream.response.status_code': text('upstream_status'),
    'nginx.ingress_controller.upstream.response.time': text('upstream_response_time'),
  }),
};

export function accessLogFormat(settings: Settings): AccessLogFormat {
  const preset = settings['log-format-preset'];
  if (preset !== 'none') return { format: PRESETS[preset], escape: 'json' };
  const escape = settings['log-format-escape-none'] ? 'none' : settings['log-format-escape-json'] ? 'json' : 'default';
  return { format: settings['log-format-upstream'], escape };
}
