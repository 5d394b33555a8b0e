/**
 * The parameters that a FastCGI application gets: nginx's standard fastcgi_params, and the headers that HTTP backends
 * get.
 */
import { type ConfValue, variable, withVariables, word } from '../types/conf-value.ts';
import type { LocationPlan, StaticPlan } from '../types/plan.ts';
import { withChanges } from '../types/upstream-headers.ts';

export interface FastcgiParam {
  readonly name: ConfValue;
  readonly value: ConfValue;
  /** Whether the parameter is omitted if its value is empty. */
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

/**
 * Headers for the application, as parameters. They replace the client's headers of the same names. The application does
 * not get a header with an empty value.
 */
function headers(location: LocationPlan, plan: StaticPlan): readonly (readonly [string, ConfValue])[] {
  const list = withChanges(plan.upstreamHeaders, location.upstreamHeaders ?? []);
  return [
    ...list
      .filter(({ proxyOnly }) => proxyOnly !== true)
      .map(({ name, value }) => [`HTTP_${name.toUpperCase().replaceAll('-', '_')}`, value] as const),
    ['HTTPS', variable('https')],
  ];
}

/** All parameters of a location, except those that its own directives set. */
export function fastcgiParams(location: LocationPlan, plan: StaticPlan): readonly FastcgiParam[] {
  const own = new Set(
    location.directives.filter(({ name }) => name === 'fastcgi_param').map(({ args }) => args[0]?.meaning),
  );
  const standard = STANDARD.map(([name, value]) => [name, withVariables(value)] as const);
  const param = (ifNotEmpty: boolean) => (of: readonly [string, ConfValue]) => ({
    name: word(of[0]),
    value: of[1],
    ifNotEmpty,
  });
  return [...standard.map(param(false)), ...headers(location, plan).map(param(true))].filter(
    ({ name }) => !own.has(name.meaning),
  );
}
