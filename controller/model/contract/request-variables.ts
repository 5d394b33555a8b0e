/**
 * Variables of ingress-nginx that NGINX itself does not have. A variable is declared only if the log format, a snippet
 * or a header reads it, so that unused variables cost nothing.
 */
import { isClientText } from './client-texts.ts';
import { beginning, literal, variable, withVariables, word } from '../../types/conf-value.ts';
import { type Declaration, declaration } from '../../types/declaration.ts';
import type { BackendRef, LocationVariable } from '../../types/plan.ts';
import type { ObjectRef } from '../../types/problem.ts';

/** Variables that a location sets. */
const OF_LOCATION = [
  'namespace',
  'ingress_name',
  'service_name',
  'service_port',
  'location_path',
  'proxy_upstream_name',
] as const;
type OfLocation = (typeof OF_LOCATION)[number];

/** Name → the variables that contain its value: first without trusted forwarding headers, then with them. */
const ALIASES: ReadonlyMap<string, readonly [plain: string, forwarded: string]> = new Map([
  ['best_http_host', ['tidegate_host', 'tidegate_host']],
  ['connection_upgrade', ['tidegate_connection', 'tidegate_connection']],
  ['pass_access_scheme', ['scheme', 'tidegate_scheme']],
  ['pass_port', ['tidegate_port', 'tidegate_port']],
  ['pass_server_port', ['tidegate_port', 'tidegate_port']],
  ['the_real_ip', ['remote_addr', 'remote_addr']],
]);

/** Variables of features that are not supported yet, and of ingress-nginx's balancer. Their values are empty. */
const TO_COME =
  /^(?:geoip2?_[a-z0-9_]{1,60}|opentelemetry_[a-z0-9_]{1,60}|otel_(?:parent_(?:id|sampled)|span_id|trace_id)|balancer_ewma_score)$/;

const FULL_FORWARDED = 'full_x_forwarded_for';
export const ESCAPED_URI = 'escaped_request_uri';

/** All variables of this file except those in `TO_COME`. */
export const REQUEST_VARIABLES: readonly string[] = [...OF_LOCATION, ...ALIASES.keys(), FULL_FORWARDED, ESCAPED_URI];
const KNOWN: ReadonlySet<string> = new Set(REQUEST_VARIABLES);
const SET: ReadonlySet<string> = new Set([
  ...OF_LOCATION.filter((name) => name !== 'proxy_upstream_name'),
  ESCAPED_URI,
]);

/** Whether the variable is one of ingress-nginx that NGINX does not have. */
export function isRequestVariable(name: string): boolean {
  return KNOWN.has(name) || TO_COME.test(name) || isClientText(name);
}

/** Declarations at the http level for the variables in `read`; `forwarded`: forwarding headers are trusted. */
export function declarationsFor(read: Iterable<string>, forwarded: boolean): readonly Declaration[] {
  return [...read].flatMap((name) => {
    const alias = ALIASES.get(name);
    if (alias !== undefined) return [aliasOf(name, alias[forwarded ? 1 : 0])];
    if (name === FULL_FORWARDED) return [fullForwarded()];
    if (!TO_COME.test(name)) return [];
    return [declaration({ name: 'geo', args: [variable(name)], entries: [[word('default'), literal('')]] })];
  });
}

/**
 * Alias of another variable. It is volatile, because Lua may set the source variable after the alias was first read.
 */
function aliasOf(name: string, of: string): Declaration {
  const entries = [[word('volatile')], [word('default'), variable(of)]];
  return declaration({ name: 'map', args: [variable(of), variable(name)], entries });
}

function fullForwarded(): Declaration {
  const entries = [
    [word('default'), withVariables('$http_x_forwarded_for, $realip_remote_addr')],
    [literal(''), variable('realip_remote_addr')],
  ];
  return declaration({ name: 'map', args: [variable('http_x_forwarded_for'), variable(FULL_FORWARDED)], entries });
}

/** Variables in `read` that locations set. nginx must know them even if no location sets them. */
export function setByLocations(read: Iterable<string>): readonly string[] {
  return [...read].filter((name) => SET.has(name)).sort();
}

/**
 * The variables that a location sets: those that are used in its own values (`own`), and those that are used in
 * settings and header ConfigMaps (`read`). `$proxy_upstream_name` is set only for `own`; for the settings, Lua sets it.
 */
export function locationVariables(
  read: ReadonlySet<string>,
  own: readonly string[],
  about: { readonly owner: ObjectRef | undefined; readonly backend: BackendRef | null; readonly path: string },
): readonly LocationVariable[] {
  const { owner, backend, path } = about;
  if (owner === undefined) return [];
  const wanted = OF_LOCATION.filter((name) => own.includes(name) || (read.has(name) && name !== 'proxy_upstream_name'));
  if (wanted.length === 0) return [];
  const values: Readonly<Record<OfLocation, string>> = {
    namespace: owner.namespace,
    ingress_name: owner.name,
    service_name: backend?.service ?? '',
    service_port: String(backend?.port ?? ''),
    location_path: path,
    proxy_upstream_name: backend === null ? '' : `${backend.namespace}-${backend.service}-${backend.port}`,
  };
  return wanted.map((name) => ({
    name: variable(name),
    // Only a path can exceed the maximum length of a word in nginx.conf: each dollar sign takes seventeen bytes there.
    value: beginning(values[name]),
  }));
}
