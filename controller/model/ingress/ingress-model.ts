/** The model of one Ingress: its hosts and paths, with everything that its annotations add to each of them. */
import type { V1Ingress } from '@kubernetes/client-node';
import type { InForce, Kept, UseKey } from '../../types/last-good.ts';
import type { BackendRef } from '../../types/plan.ts';
import type { ObjectRef, Problem } from '../../types/problem.ts';
import type { Steps } from '../../types/steps.ts';
import type { CanaryRules, HostContribution, LocationContext, LocationContribution } from '../features/annotation.ts';
import { annotationField, FEATURES, parseAnnotations } from '../features/annotations.ts';
import { canaryFallback, canaryRules, ofCanary } from './canary-rules.ts';
import { completedProblem } from './completed-problem.ts';
import { isExempt } from '../settings/exempt-paths.ts';
import { backendRef, type PathModel, pathsOfRules } from './ingress-rules.ts';
import { closedSettings, type LocationSettings } from '../features/location-settings.ts';
import { type Cost, costOf } from './cost.ts';
import { limitZonesOf } from './limit-zones.ts';
import { reportUnbuffered } from './needs-buffering.ts';
import { ingressRef } from '../contract/object-ref.ts';
import { pagesOfNobody } from './pages-without-backend.ts';
import { emptyGroups } from './rewrite-groups.ts';
import { patternsOverTls, tooManyTlsNames, unruledTls } from './tls-notices.ts';
import { withinBounds } from './within-bounds.ts';
import { READING_FLAGS, type ReadingFlags } from '../contract/options.ts';
import { boundBytes } from './location-bytes.ts';
import { mergingOnce, remembering } from './remembered-contributions.ts';
import { type Read, recordingResources, type Sources, stillTrue } from '../contract/resources.ts';
import type { Settings } from '../settings/settings.ts';

export interface IngressModel {
  /** The Ingress without the hosts, paths and annotations by which it exceeds its bounds. */
  readonly ingress: V1Ingress;
  readonly ref: ObjectRef;
  /** Host (empty: every host) → its paths, in the order written. */
  readonly hosts: ReadonlyMap<string, readonly PathModel[]>;
  /** Set for a canary: its paths are not locations, but alternatives to the paths of other Ingresses. */
  readonly canary: CanaryRules | undefined;
  /** Target of `spec.defaultBackend`. */
  readonly defaultBackend: { readonly backend: BackendRef; readonly settings: LocationSettings } | undefined;
  /** What the annotations add to all hosts of the Ingress. */
  readonly host: HostContribution;
  /** Prefix of the annotations' names. */
  readonly prefix: string;
  /** The Ingress is refused: its paths are matched as plain text and answer 503. */
  readonly quarantined: boolean;
  /** Estimated cost in nginx.conf, in the live data and in NGINX's memory. */
  readonly cost: Cost;
  /** Keys of the zones in which NGINX counts the clients of the Ingress's limits. */
  readonly zones: ReadonlySet<string>;
  /** Look-ups of other objects while the Ingress was read. */
  readonly reads: readonly Read[];
  /** Secrets and ConfigMaps whose content is in force, in the version that is used. */
  readonly inForce: InForce;
  readonly problems: readonly Problem[];
}

/** What the reading of an Ingress depends on, besides the Ingress itself and the objects to which it refers. */
export interface Reading {
  readonly settings: Settings;
  readonly flags: ReadingFlags;
  /** Prefix of our annotations. */
  readonly prefix: string;
  /** Why the paths of the Ingress answer 503; undefined if they are served. */
  readonly closedBy: keyof typeof CLOSED | undefined;
}

function tooManySources(fieldOf: LocationContext['annotationField']): Parameters<LocationContext['report']>[0] {
  return {
    code: 'too-many-sources',
    severity: 'error',
    effect: 'denied-location',
    field: fieldOf('allowlist-source-range'),
    message:
      'the source lists are too long for the live data, which can hold about 50,000 IPv4 or 13,000 IPv6 networks; ' +
      'the paths answer 503',
    example: 'allowlist-source-range: 10.0.0.0/8, 192.168.1.1',
  };
}

/** Settings of the paths of an Ingress that nginx refuses, or that is beyond the share of its namespace. */
const CLOSED = { quarantine: closedSettings('quarantine'), share: closedSettings('share') } as const;
const NOTHING: LocationContribution = {};
const NOTHING_IN_FORCE: InForce = new Map();

// oxlint-disable-next-line eslint/complexity -- the inner functions share the state of one reading
function* read(
  written: V1Ingress,
  sources: Sources,
  { settings, flags, prefix, closedBy }: Reading,
): Steps<IngressModel> {
  const reads: Read[] = [];
  const ingress = withinBounds(written, flags.bounds);
  const ref = ingressRef(ingress);
  const parsed = parseAnnotations(ingress, ref, prefix, settings, flags.bounds);
  const problems: Problem[] = [...parsed.problems];
  const inForce = new Map<UseKey, Kept>();
  const resources = recordingResources(sources, reads, inForce);
  const reported = new Set<string>();
  const report: LocationContext['report'] = (problem) => {
    // Features find the same Problem for many paths; it is reported once for the Ingress.
    const key = `${problem.code} ${problem.message}`;
    if (!reported.has(key)) problems.push({ ...completedProblem(problem, ingress), object: ref });
    reported.add(key);
  };
  const fieldOf: LocationContext['annotationField'] = (name) => annotationField(`${prefix}/${name}`);
  const canary = canaryRules(parsed.values, { annotationField: fieldOf, report });
  if (canary !== undefined) problems.splice(0, parsed.problems.length, ...parsed.problems.map(ofCanary));
  const asked = FEATURES.map((feature, index) => {
    const { location } = feature;
    const values = parsed.values[index] ?? {};
    return { feature, contribute: remembering((context) => location?.(values, context) ?? NOTHING) };
  });
  const merge = mergingOnce();
  const settingsFor = (path: string, backend: BackendRef, pathsOnly: boolean): LocationSettings => {
    if (closedBy !== undefined) return CLOSED[closedBy];
    const context: LocationContext = {
      ingress: ref,
      path,
      backend,
      exemptFromAuth: () => isExempt(path, settings, 'no-auth-locations'),
      settings,
      flags,
      resources,
      annotationField: fieldOf,
      report,
    };
    const contributions = asked.map(({ feature, contribute }) => {
      const counts = canary === undefined ? pathsOnly || feature.pathsOnly !== true : feature.ofService === true;
      return counts ? contribute(context) : NOTHING;
    });
    reportUnbuffered(contributions, context);
    const merged = merge(contributions, canary === undefined ? parsed.closedBy : undefined);
    if (merged.tooManySources === true) report(tooManySources(fieldOf));
    if (merged.errorPages === true && merged.fallback === undefined && flags.defaultBackendService === null)
      report(pagesOfNobody(context));
    return merged;
  };
  const target = (backend: BackendRef, path: string, pathsOnly: boolean) => {
    const own = settingsFor(path, backend, pathsOnly);
    return { backend: own.viaService ? { ...backend, viaService: true as const } : backend, settings: own };
  };

  const rules = canary !== undefined && parsed.refused ? [] : (ingress.spec?.rules ?? []);
  const paths = yield* pathsOfRules(rules, ref, (backend, path) => target(backend, path, true), flags.bounds, problems);
  const { hosts, problem: tooLong } = boundBytes(paths, flags.bounds);
  if (tooLong !== undefined) report(tooLong);
  yield;
  problems.push(...emptyGroups(hosts, ref));
  if (canary !== undefined && ingress.spec?.defaultBackend !== undefined) problems.push(canaryFallback(ref));
  const fallback = canary === undefined ? backendRef(ingress.spec?.defaultBackend, ref.namespace) : undefined;
  let host: HostContribution = {};
  if (canary === undefined) {
    const { unusable } = parsed;
    const context = { ingress: ref, settings, flags, resources, annotationField: fieldOf, report, unusable };
    for (const [index, feature] of FEATURES.entries())
      host = { ...host, ...feature.host?.(parsed.values[index] ?? {}, context) };
    // The check of client certificates is missing from nginx.conf, so the hosts that it guarded are not served.
    // TLS connections that would be passed on are closed, because the path / answers 503.
    if (closedBy !== undefined)
      host = {
        ...(host.clientCertificates !== undefined && { clientCertificates: 'refused' as const }),
        ...(host.passthrough === true && { passthrough: true }),
      };
  }
  problems.push(...tooManyTlsNames(ingress, ref, flags.bounds), ...unruledTls(ingress, ref, host));
  problems.push(...patternsOverTls(ingress, ref, host, fieldOf('server-alias')));
  const plain = {
    hosts,
    defaultBackend: fallback === undefined ? undefined : target(fallback, '/', false),
    host,
  };
  return {
    ingress,
    ref,
    ...plain,
    canary,
    prefix,
    quarantined: closedBy !== undefined,
    cost: costOf(plain),
    zones: limitZonesOf(plain),
    reads,
    inForce: inForce.size === 0 ? NOTHING_IN_FORCE : inForce,
    problems,
  };
}

/**
 * Model of an Ingress whose paths answer 503. It is not remembered, because it would replace the full model of the
 * Ingress.
 */
export function closedIngress(ingress: V1Ingress, sources: Sources, reading: Reading): Steps<IngressModel> {
  return read(ingress, sources, { ...reading, closedBy: 'share' });
}

const memos = new WeakMap<V1Ingress, { readonly reading: Reading; readonly model: IngressModel }>();

function same(a: Reading, b: Reading): boolean {
  return (
    a.settings === b.settings &&
    READING_FLAGS.every((flag) => a.flags[flag] === b.flags[flag]) &&
    a.prefix === b.prefix &&
    a.closedBy === b.closedBy
  );
}

/**
 * Reads an Ingress. The last model is remembered for as long as the Ingress object lives, and returned again while
 * nothing that it depends on changes.
 */
export function* modelIngress(ingress: V1Ingress, sources: Sources, reading: Reading): Steps<IngressModel> {
  const memo = memos.get(ingress);
  if (memo !== undefined && same(memo.reading, reading) && stillTrue(memo.model.reads, sources)) return memo.model;
  const model = yield* read(ingress, sources, reading);
  memos.set(ingress, { reading, model });
  return model;
}

/**
 * Whether the default backend of an Ingress applies to a host. It applies to the hosts that the Ingress names, and to
 * the catch-all host (the empty string) only if the Ingress names no host or has a rule without a host.
 */
export function appliesDefaultBackend({ defaultBackend, hosts }: IngressModel, host: string): boolean {
  return defaultBackend !== undefined && (host !== '' || hosts.size === 0 || hosts.has(''));
}

/** Forgets the remembered model of an Ingress, to save memory when no host is planned from it. */
export function forgetModel(ingress: V1Ingress): void {
  memos.delete(ingress);
}
