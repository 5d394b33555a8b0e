/** The common list of headers for backends, and how locations change it. */
import { literal, variable } from '../../types/conf-value.ts';
import { type HeaderChange, type UpstreamHeader, withChanges } from '../../types/upstream-headers.ts';
import { forwardedPlan, headerVariable } from './client-address.ts';
import type { Settings } from './settings.ts';

const NAMES = ['verify', 'subject-dn', 'issuer-dn', 'cert'].map((name) => `ssl-client-${name}`);

/**
 * Backends trust these headers about a client's certificate, so only NGINX may set them. To a CGI program the names
 * with underscores are the same.
 */
const OF_CLIENT_CERTIFICATES: readonly UpstreamHeader[] = [
  ...NAMES.map((name) => ({ name, value: literal('') })),
  ...NAMES.map((name) => ({ name: name.replaceAll('-', '_'), value: literal(''), proxyOnly: true as const })),
];

/** Marks that a request came through here (RFC 8586): workers count the marks, and end loops. */
export const LOOP_MARK: UpstreamHeader = { name: 'CDN-Loop', value: variable('tidegate_loop') };

/** Names with more hyphens are not varied hyphen by hyphen: the number of spellings doubles with each. */
const MOST_HYPHENS = 5;

/**
 * Other spellings that a CGI program cannot tell apart, if NGINX accepts header names with `_` from clients; otherwise
 * none. Headers that identify a client must be removed in each spelling.
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

/** Headers about client certificates in spellings that the list lacks. */
function mixedSpellings(settings: Settings): readonly UpstreamHeader[] {
  return NAMES.flatMap((name) =>
    otherSpellings(name, settings)
      .filter((each) => each.includes('-'))
      .map((each) => ({ name: each, value: literal(''), proxyOnly: true as const })),
  );
}

/** Whether a header identifies a client. */
export function isOfClientCertificate(header: string): boolean {
  return NAMES.includes(header.toLowerCase());
}

/**
 * What every backend gets (annotations-notes, section 7). The variables are defined in templates/nginx.conf.hbs; the
 * empty Proxy header keeps CGI programs from reading it as a proxy's address. `more`: changes of the administrator.
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
 * The changes of several features, each name once. A value takes precedence over a removal, and a later value over an
 * earlier one: a removal keeps the client's header out, and so does a value. The Host header is never removed, because
 * nginx would send the name of an upstream.
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

/** A location's changes as a text that identifies them. Thousands of locations share one list. */
export function writtenChanges(changes: readonly HeaderChange[]): string {
  const known = written.get(changes);
  if (known !== undefined) return known;
  const text = changes.map(([name, value]) => `${name}=${value === 'removed' ? '' : value.conf}`).join(';');
  written.set(changes, text);
  return text;
}
