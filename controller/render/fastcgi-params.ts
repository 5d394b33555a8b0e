/** What a FastCGI application is told: nginx's own fastcgi_params, and the headers that HTTP backends get. */
import { type ConfValue, withVariables, word } from '../types/conf-value.ts';
import type { LocationPlan, StaticPlan } from '../types/plan.ts';

export interface FastcgiParam {
  readonly name: ConfValue;
  readonly value: ConfValue;
  /** Not sent where the value is empty. */
  readonly ifNotEmpty: boolean;
}

const STANDARD: readonly (readonly [string, string])[] = [
  ['QUERY_STRING', '$query_string'],
  ['REQUEST_METHOD', '$request_method'],
  ['CONTENT_TYPE', '$content_type'],
  ['CONTENT_LENGTH', '$content_length'],
  ['SCRIPT_NAME', '$fastcgi_script_name'],
  ['REQUEST_URI', '$request_uri'],
  ['DOCUMENT_URI', '$document_uri'],
  ['DOCUMENT_ROOT', '$document_root'],
  ['SERVER_PROTOCOL', '$server_protocol'],
  ['REQUEST_SCHEME', '$scheme'],
  ['GATEWAY_INTERFACE', 'CGI/1.1'],
  ['SERVER_SOFTWARE', 'nginx/$nginx_version'],
  ['REMOTE_ADDR', '$remote_addr'],
  ['REMOTE_PORT', '$remote_port'],
  ['REMOTE_USER', '$remote_user'],
  ['SERVER_ADDR', '$server_addr'],
  ['SERVER_PORT', '$tidegate_port'],
  ['SERVER_NAME', '$server_name'],
  ['REDIRECT_STATUS', '200'],
];

/** In place of what the client sent under these names; an empty one keeps the client's out. */
function headers({ forwarded }: StaticPlan): readonly (readonly [string, string])[] {
  const scheme = forwarded === null ? '$scheme' : '$tidegate_scheme';
  return [
    ['HTTP_HOST', '$tidegate_upstream_host'],
    ['HTTP_X_REQUEST_ID', '$req_id'],
    ['HTTP_X_REAL_IP', '$remote_addr'],
    ['HTTP_X_FORWARDED_FOR', forwarded?.append === true ? '$tidegate_forwarded_for' : '$remote_addr'],
    ['HTTP_X_FORWARDED_HOST', '$tidegate_host'],
    ['HTTP_X_FORWARDED_PORT', '$tidegate_port'],
    ['HTTP_X_FORWARDED_PROTO', scheme],
    ['HTTP_X_FORWARDED_SCHEME', scheme],
    ['HTTP_X_SCHEME', scheme],
    ['HTTP_X_ORIGINAL_FORWARDED_FOR', '$http_x_forwarded_for'],
    ['HTTP_X_ORIGINAL_FORWARDED_HOST', '$http_x_forwarded_host'],
    ['HTTP_PROXY', ''],
    ['HTTPS', '$https'],
  ];
}

/** Those that a location's own directives do not set. */
export function fastcgiParams(location: LocationPlan, plan: StaticPlan): readonly FastcgiParam[] {
  const own = new Set(
    location.directives.filter(({ name }) => name === 'fastcgi_param').map(({ args }) => args[0]?.meaning),
  );
  const param = (ifNotEmpty: boolean) => (of: readonly [string, string]) => ({
    name: word(of[0]),
    value: withVariables(of[1]),
    ifNotEmpty,
  });
  return [...STANDARD.map(param(false)), ...headers(plan).map(param(true))].filter(
    ({ name }) => !own.has(name.meaning),
  );
}
