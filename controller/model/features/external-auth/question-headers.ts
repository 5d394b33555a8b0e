/** Headers of the authorization subrequest. */
import { type ConfValue, literal, variable, withVariables, word } from '../../../types/conf-value.ts';
import type { HeaderChange, UpstreamHeader } from '../../../types/upstream-headers.ts';
import type { Settings } from '../../settings/settings.ts';
import { LOOP_MARK } from '../../settings/upstream-headers.ts';
import type { ExternalAuth } from './external-auth.ts';

/**
 * Headers that a service might trust although a client sent them. They are removed; ingress-nginx removes only
 * X-Forwarded-Proto and passes on most of the others.
 */
const NOT_FROM_CLIENTS = [
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'X-Forwarded-Proto',
  'X-Forwarded-Scheme',
  'X-Forwarded-Server',
  'X-Forwarded-Ssl',
  'X-Forwarded-Uri',
  'X-Forwarded-Method',
  'X-Forwarded-Prefix',
  'X-Original-Host',
  'X-Original-URI',
  'X-Original-Forwarded-For',
  'X-Original-Forwarded-Host',
  'X-Scheme',
  'Forwarded',
  'ssl-client-cert',
  'ssl-client-verify',
  'ssl-client-subject-dn',
  'ssl-client-issuer-dn',
  'Proxy',
];

/**
 * Range and conditional headers, which are removed from the subrequest: with them, the service could answer 206, 304 or
 * 412 instead of its verdict.
 */
const CONDITIONS = ['Range', 'If-Range', 'If-Match', 'If-None-Match', 'If-Modified-Since', 'If-Unmodified-Since'];

/**
 * All headers of the subrequest that replace the client's headers; the headers that the ConfigMap sets for backends are
 * not among them.
 */
export function questionHeaders(
  auth: ExternalAuth,
  settings: Settings,
  clientHeaders: readonly HeaderChange[],
): readonly UpstreamHeader[] {
  const forwarded = settings['use-forwarded-headers'];
  const scheme = forwarded ? 'tidegate_scheme' : 'scheme';
  const list = forwarded && settings['compute-full-forwarded-for'];
  const headers: (readonly [string, ConfValue])[] = [
    ...[...NOT_FROM_CLIENTS, ...CONDITIONS, 'Connection', 'Upgrade', 'Content-Length'].map(
      (name) => [name, literal('')] as const,
    ),
    ['Host', variable('tidegate_auth_host')],
    ['X-Request-ID', variable('req_id')],
    ['X-Real-IP', variable('remote_addr')],
    ['X-Forwarded-For', variable(list ? 'tidegate_forwarded_for' : 'remote_addr')],
    ['X-Original-URL', withVariables(`$${scheme}://$tidegate_host$request_uri`)],
    ['X-Original-Method', variable('request_method')],
    ['X-Sent-From', word('nginx-ingress-controller')],
    ['X-Auth-Request-Redirect', auth.redirect === undefined ? variable('request_uri') : literal(auth.redirect)],
    ...(auth.method === undefined
      ? []
      : ([
          ['X-Original-URI', variable('request_uri')],
          ['X-Scheme', variable(scheme)],
        ] as const)),
    ...auth.requestHeaders,
    ...(auth.snippet?.headers ?? []),
    [LOOP_MARK.name, LOOP_MARK.value],
    ...clientHeaders.map(([name, value]) => [name, value === 'removed' ? literal('') : value] as const),
  ];
  const named = new Map(headers.map(([name, value]) => [name.toLowerCase(), { name, value }]));
  return [...named.values()];
}
