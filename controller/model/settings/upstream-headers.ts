/** The request headers that all backends get, and changes to this list for single locations. */
import { literal, variable } from '../../types/conf-value.ts';
import { type HeaderChange, type UpstreamHeader, withChanges } from '../../types/upstream-headers.ts';
import { forwardedPlan, headerVariable } from './client-address.ts';
import type { Settings } from './settings.ts';

const NAMES = ['verify', 'subject-dn', 'issuer-dn', 'cert'].map((name) => `ssl-client-${name}`);

/**
 * Backends trust these headers about a client's certificate, so only NGINX may set them. They are removed by default,
 * including spellings with underscores, because a CGI program cannot distinguish `_` from `-`.
 */
const OF_CLIENT_CERTIFICATES: readonly UpstreamHeader[] = [
  ...NAMES.map((name) => ({ name, value: literal('') })),
  ...NAMES.map((name) => ({ name: name.replaceAll('-', '_'), value: literal(''), proxyOnly: true as const })),
];

/** Marks that a request passed through Tidegate (RFC 8586). Workers count these marks, to reject requests in a loop. */
export const LOOP_MARK: UpstreamHeader = { name: 'CDN-Loop', value: variable('tidegate_loop') };

/** For names with more hyphens, not every spelling is generated, because their number doubles with each hyphen. */
const MOST_HYPHENS = 5;

/**
 * Other spellings of a header's name, with `_` instead of `-`, which a CGI program cannot distinguish. The list is
 * empty if NGINX does not accept `_` in header names from clients. Headers that identify a client must be removed in
 * every spelling.
 */
export function otherSpellings(name: string, settings: Settings): readonly string[] {
  if (!settings['enable-underscores-in-headers'] && settings['ignore-invalid-headers']) return [];
  const [first = '', ...words] = name.split('-');
  if (words.length > MOST_HYPHENS) return [name.replaceAll('-', '_')];
  const all = words.reduce<string[]>(
    (sofar, each) => sofar.flatMap((start) => [`${start}-${each}`, `${start}_${each}`]),
    [first],
  );
  return all.filter((each) => each !== name);
}

/**
 * For the headers about client certificates, the spellings with both `-` and `_`, which `OF_CLIENT_CERTIFICATES` lacks.
 */
function mixedSpellings(settings: Settings): readonly UpstreamHeader[] {
  return NAMES.flatMap((name) =>
    otherSpellings(name, settings)
      .filter((each) => each.includes('-'))
      .map((each) => ({ name: each, value: literal(''), proxyOnly: true as const })),
  );
}

/** Whether a header is one of those about client certificates. */
export function isOfClientCertificate(header: string): boolean {
  return NAMES.includes(header.toLowerCase());
}

/**
 * The headers that every backend gets. Their variables are defined in templates/nginx.conf.hbs. The header Proxy is
 * removed, because CGI programs would use a client's value as the address of a proxy (httpoxy). `more`: changes by the
 * administrator.
 */
export function upstreamHeaders(settings: Settings, more: readonly HeaderChange[]): readonly UpstreamHeader[] {
  const forwarded = forwardedPlan(settings);
  const whole = forwarded?.append === true;
  const scheme = variable(forwarded === null ? 'scheme' : 'tidegate_scheme');
  const list: readonly UpstreamHeader[] = [
    { name: 'Upgrade', value: variable('tidegate_upgrade'), proxyOnly: true },
    { name: 'Connection', value: variable('tidegate_connection'), proxyOnly: true },
    { name: 'Host', value: variable('tidegate_upstream_host') },
    { name: 'X-Request-ID', value: variable('req_id') },
    { name: 'X-Real-IP', value: variable('remote_addr') },
    { name: 'X-Forwarded-For', value: variable(whole ? 'tidegate_forwarded_for' : 'remote_addr') },
    { name: 'X-Forwarded-Host', value: variable('tidegate_host') },
    { name: 'X-Forwarded-Port', value: variable('tidegate_port') },
    { name: 'X-Forwarded-Proto', value: scheme },
    { name: 'X-Forwarded-Scheme', value: scheme },
    { name: 'X-Scheme', value: scheme },
    { name: 'X-Original-Forwarded-For', value: headerVariable(settings['forwarded-for-header'] ?? 'X-Forwarded-For') },
    { name: 'X-Original-Forwarded-Host', value: headerVariable(settings['forwarded-host-header']) },
    ...(settings['proxy-add-original-uri-header'] ? [{ name: 'X-Original-URI', value: variable('request_uri') }] : []),
    { name: 'Proxy', value: literal('') },
    LOOP_MARK,
    ...OF_CLIENT_CERTIFICATES,
    ...mixedSpellings(settings),
  ];
  return more.length === 0 ? list : withChanges(list, more);
}

/**
 * Merges the changes by several features, so that each name occurs once. A later value takes precedence over an earlier
 * one. A value takes precedence over a removal: both keep the client's header from the backend. The Host header is
 * never removed, because nginx would then send the name of an upstream instead.
 */
export function mergeHeaderChanges(changes: readonly HeaderChange[]): readonly HeaderChange[] {
  const merged = new Map<string, HeaderChange>();
  for (const change of changes) {
    const key = change[0].toLowerCase();
    const removed = change[1] === 'removed';
    if (removed && (key === 'host' || merged.has(key))) continue;
    merged.set(key, change);
  }
  return [...merged.values()];
}

const written = new WeakMap<readonly HeaderChange[], string>();

/** Text that identifies a list of changes. Remembered for each list, because thousands of locations share one. */
export function writtenChanges(changes: readonly HeaderChange[]): string {
  const known = written.get(changes);
  if (known !== undefined) return known;
  const text = changes.map(([name, value]) => `${name}=${value === 'removed' ? '' : value.conf}`).join(';');
  written.set(changes, text);
  return text;
}
