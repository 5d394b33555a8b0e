/**
 * Removes from an Ingress the hosts, paths, TLS names and annotation values that exceed its bounds. They are never
 * served, so no other part of the model reads them, and caches of Ingresses do not keep them.
 */
import type { V1HTTPIngressPath, V1Ingress, V1IngressRule, V1IngressSpec, V1IngressTLS } from '@kubernetes/client-node';
import { abridged, bytesOf, countOf, standIn } from '../../types/left-out.ts';
import { MOST_BYTES } from '../values/regex/bounds.ts';
import { isRuleHost } from '../values/names.ts';
import type { Bounds } from '../contract/bounds.ts';

type Most = Pick<Bounds, 'ingressHosts' | 'ingressPaths' | 'annotationBytes'>;

/** Maximum length of a host name; longer ones are shortened, and reported as invalid. */
const MOST_HOST_BYTES = 253;

/** Replaces a rule that is left out, so that the indices of later rules in Problems stay as written. */
const LEFT_OUT: V1IngressRule = { host: standIn(0) };

/** Returns the same object if nothing exceeds the bounds, so a result of this function is not changed again. */
export function withinBounds(ingress: V1Ingress, most: Most): V1Ingress {
  const annotations = annotationsWithin(ingress.metadata?.annotations, most);
  const spec = specWithin(ingress.spec, most);
  if (annotations === ingress.metadata?.annotations && spec === ingress.spec) return ingress;
  return Object.assign({}, ingress, {
    metadata: Object.assign({}, ingress.metadata, annotations !== undefined && { annotations }),
    ...(spec !== undefined && { spec }),
  });
}

type Annotations = Record<string, string>;

function annotationsWithin(annotations: Annotations | undefined, { annotationBytes }: Most): Annotations | undefined {
  // Each UTF-16 unit takes at most three bytes.
  const isLong = (text: string) => text.length * 3 > annotationBytes && bytesOf(text) > annotationBytes;
  const long = Object.entries(annotations ?? {}).filter(([, value]) => isLong(value) && abridged(value) !== value);
  if (long.length === 0) return annotations;
  return { ...annotations, ...Object.fromEntries(long.map(([name, value]) => [name, abridged(value)])) };
}

function specWithin(spec: V1IngressSpec | undefined, most: Most): V1IngressSpec | undefined {
  const rules = spec?.rules === undefined ? undefined : rulesWithin(spec.rules, most);
  const tls = spec?.tls === undefined ? undefined : tlsWithin(spec.tls, most);
  if (rules === spec?.rules && tls === spec?.tls) return spec;
  return Object.assign({}, spec, rules !== undefined && { rules }, tls !== undefined && { tls });
}

function rulesWithin(rules: V1IngressRule[], most: Most): V1IngressRule[] {
  const named = new Set<string>();
  const unnamed = new Set<string>();
  let [written, left, changed] = [0, 0, false];
  const kept = rules.map((rule) => {
    const host = rule.host ?? '';
    if (countOf(host) !== undefined) return rule;
    const isNew = !named.has(host);
    if (isNew && named.size >= most.ingressHosts) {
      unnamed.add(host);
      return LEFT_OUT;
    }
    named.add(host);
    const [paths, others] = isRuleHost(host) ? pathsOf(rule) : [[], 0];
    left += others;
    const room = Math.max(0, most.ingressPaths - written);
    written += Math.min(room, paths.length);
    left += Math.max(0, paths.length - room);
    if (!isNew && (room === 0 || paths.length === 0)) return LEFT_OUT;
    return ruleWithin(rule, paths, room);
  });
  for (const [index, rule] of kept.entries()) changed ||= rule !== rules[index];
  if (!changed) return rules;
  const end = kept.findLastIndex((rule) => rule !== LEFT_OUT) + 1;
  const rest = unnamed.size + left === 0 ? [] : [restOf(unnamed.size, left)];
  return [...kept.slice(0, end), ...rest];
}

/** The paths of a rule, and the number of paths that were already omitted when the object was read from the cluster. */
function pathsOf({ http }: V1IngressRule): readonly [paths: readonly V1HTTPIngressPath[], others: number] {
  const paths = http?.paths ?? [];
  const others = countOf(paths.at(-1)?.path ?? '');
  return others === undefined ? [paths, 0] : [paths.slice(0, -1), others];
}

/** A rule that replaces all rules and paths that are left out, and contains their numbers. */
function restOf(hosts: number, paths: number): V1IngressRule {
  return { host: standIn(hosts), http: { paths: [{ path: standIn(paths), pathType: '', backend: {} }] } };
}

function ruleWithin(rule: V1IngressRule, written: readonly V1HTTPIngressPath[], room: number): V1IngressRule {
  const host = bytesOf(rule.host ?? '') > MOST_HOST_BYTES ? abridged(rule.host ?? '') : rule.host;
  const first = written.length > room ? written.slice(0, room) : written;
  const paths = first.map(pathWithin);
  const same = host === rule.host && paths.every((path, index) => path === rule.http?.paths[index]);
  if (same && paths.length === (rule.http?.paths.length ?? 0)) return rule;
  return { ...(host !== undefined && { host }), ...(rule.http !== undefined && { http: { paths } }) };
}

function pathWithin(path: V1HTTPIngressPath): V1HTTPIngressPath {
  const text = path.path ?? '';
  if (text.length * 3 <= MOST_BYTES || bytesOf(text) <= MOST_BYTES) return path;
  const short = abridged(text);
  return short === text ? path : Object.assign({}, path, { path: short });
}

/** Maximum number of names in `spec.tls` of one Ingress: each host twice, with and without `www.`. */
export function mostTlsNames({ ingressHosts }: Pick<Most, 'ingressHosts'>): number {
  return 2 * ingressHosts;
}

function tlsWithin(tls: V1IngressTLS[], most: Most): V1IngressTLS[] {
  let [room, left] = [mostTlsNames(most), 0];
  const kept: V1IngressTLS[] = [];
  for (const entry of tls) {
    const hosts = entry.hosts ?? [];
    const named = hosts.length === 1 ? countOf(hosts[0] ?? '') : undefined;
    if (named !== undefined) left += named;
    else if (room === 0) left += Math.max(1, hosts.length);
    else {
      kept.push(hosts.length <= room ? entry : Object.assign({}, entry, { hosts: hosts.slice(0, room) }));
      left += Math.max(0, hosts.length - room);
      room = Math.max(0, room - Math.max(1, hosts.length));
    }
  }
  const last = tls.at(-1);
  if (left === 0 || (last?.hosts?.length === 1 && last.hosts[0] === standIn(left))) return tls;
  return [...kept, { hosts: [standIn(left)] }];
}

/** Number of names in `spec.tls` that are left out. */
export function tlsNamesLeftOut({ spec }: V1Ingress): number {
  return countOf(spec?.tls?.at(-1)?.hosts?.[0] ?? '') ?? 0;
}
