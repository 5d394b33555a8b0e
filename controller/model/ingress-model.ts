/** One Ingress, read: its hosts and paths with everything its annotations add to each of them. */
import type { V1Ingress, V1IngressBackend } from '@kubernetes/client-node';
import type { ResponseHeader } from '../types/live.ts';
import type { BackendRef, FilePlan, Pass } from '../types/plan.ts';
import { type FieldPath, type ObjectRef, type Problem, shorten } from '../types/problem.ts';
import type { Snapshot } from '../types/snapshot.ts';
import type {
  BackendTls,
  CanaryRules,
  HostContribution,
  LocationContext,
  LocationContribution,
  Mirror,
} from './annotation.ts';
import { annotationField, FEATURES, parseAnnotations } from './annotations/annotations.ts';
import { canaryFallback, canaryRules, ofCanary } from './canary-rules.ts';
import { givenWay, withAccess } from './give-way.ts';
import { reportUnbuffered } from './needs-buffering.ts';
import type { ExternalAuth } from './external-auth.ts';
import { ingressRef } from './object-ref.ts';
import type { ReadingFlags } from './options.ts';
import { type Read, recordingResources, stillTrue } from './resources.ts';
import type { Settings } from './settings/settings.ts';
import { mergeHeaderChanges } from './upstream-headers.ts';
import { isLabel, isRuleHost } from './values/names.ts';

/** All contributions of all features to one location. */
export interface LocationSettings {
  readonly directives: NonNullable<LocationContribution['directives']>;
  readonly declarations?: NonNullable<LocationContribution['declarations']>;
  readonly pass: NonNullable<LocationContribution['pass']>;
  readonly route: NonNullable<LocationContribution['route']>;
  /** Each name once. */
  readonly upstreamHeaders?: NonNullable<LocationContribution['upstreamHeaders']>;
  readonly rewrite: LocationContribution['rewrite'] | undefined;
  readonly viaService: boolean;
  readonly mirror?: Mirror;
  readonly externalAuth?: ExternalAuth;
  readonly protocol: Pass['protocol'];
  readonly backendTls: BackendTls | undefined;
  readonly files?: readonly FilePlan[];
  readonly tlsRedirect: { readonly wanted: boolean; readonly forced: boolean };
  readonly regex: boolean;
  readonly fallback?: BackendRef | undefined;
  /** It has a list of errors of its own. */
  readonly errorPages?: boolean;
}

export interface PathModel {
  readonly type: 'Exact' | 'Prefix';
  readonly text: string;
  readonly backend: BackendRef;
  readonly settings: LocationSettings;
  readonly field: FieldPath;
}

export interface IngressModel {
  readonly ingress: V1Ingress;
  readonly ref: ObjectRef;
  /** Host (empty: every host) → its paths, in the order written. */
  readonly hosts: ReadonlyMap<string, readonly PathModel[]>;
  /** A canary: its paths are no locations, but alternatives to those of others. */
  readonly canary: CanaryRules | undefined;
  /** What `spec.defaultBackend` leads to. */
  readonly defaultBackend: { readonly backend: BackendRef; readonly settings: LocationSettings } | undefined;
  readonly host: HostContribution;
  /** What the names of its annotations begin with. */
  readonly prefix: string;
  /** NGINX refused it: its paths are matched as plain text and answer 503. */
  readonly quarantined: boolean;
  /** Other objects that were looked at. */
  readonly reads: readonly Read[];
  readonly problems: readonly Problem[];
}

/** Undefined for what is no Service port; names are checked because they become keys of the live data. */
function backendRef(backend: V1IngressBackend | undefined, namespace: string): BackendRef | undefined {
  const service = backend?.service;
  const port = service?.port?.number ?? service?.port?.name;
  if (service === undefined || port === undefined || !isLabel(service.name) || !isLabel(namespace)) return undefined;
  if (typeof port !== 'number' && !isLabel(port)) return undefined;
  // No port can have such a name, and both would be one key of the live data.
  return { namespace, service: service.name, port: /^[1-9]\d{0,4}$/.test(`${port}`) ? Number(port) : port };
}

const DENIED: LocationSettings = {
  directives: [],
  pass: [],
  route: { deny: 503 },
  rewrite: undefined,
  viaService: false,
  protocol: 'http',
  backendTls: undefined,
  tlsRedirect: { wanted: false, forced: false },
  regex: false,
};

function merge(given: readonly LocationContribution[], denied: boolean): LocationSettings {
  const contributions = givenWay(given);
  const last = <K extends keyof LocationContribution>(name: K): LocationContribution[K] | undefined =>
    contributions.findLast((contribution) => contribution[name] !== undefined)?.[name];
  const mirror = last('mirror');
  const externalAuth = last('externalAuth');
  const declarations = contributions.flatMap((contribution) => contribution.declarations ?? []);
  const headers = [
    ...contributions.flatMap((contribution) => contribution.requestHeaders ?? []),
    ...contributions.flatMap((contribution) => contribution.upstreamHeaders ?? []),
  ];
  const files = contributions.flatMap((contribution) => contribution.files ?? []);
  let route: NonNullable<LocationContribution['route']> = {};
  for (const contribution of contributions) route = { ...route, ...contribution.route };
  const responseHeaders = contributions.flatMap((contribution) => contribution.route?.responseHeaders ?? []);
  if (responseHeaders.length > 0) route = { ...route, responseHeaders: lastOfEach(responseHeaders) };
  return {
    directives: withAccess(
      contributions.flatMap((contribution) => contribution.directives ?? []),
      last('access'),
    ),
    ...(declarations.length > 0 && { declarations }),
    pass: contributions.flatMap((contribution) => contribution.pass ?? []),
    route: denied ? { ...route, deny: 503 } : route,
    ...(headers.length === 0 ? {} : { upstreamHeaders: mergeHeaderChanges(headers) }),
    rewrite: rewriteOf(last('rewrite'), last('forwardedPrefix'), last('rewriteLog')),
    viaService: last('viaService') ?? false,
    ...(mirror === undefined ? {} : { mirror }),
    ...(externalAuth === undefined ? {} : { externalAuth }),
    protocol: last('protocol') ?? 'http',
    backendTls: last('backendTls'),
    ...(files.length > 0 && { files }),
    tlsRedirect: last('tlsRedirect') ?? { wanted: false, forced: false },
    regex: contributions.some((contribution) => contribution.regex === true),
    fallback: last('fallback'),
    errorPages: contributions.some((contribution) => contribution.errorPages === true),
  };
}

/** Names that differ in case alone are one header. */
function lastOfEach(headers: readonly ResponseHeader[]): readonly ResponseHeader[] {
  return [...new Map(headers.map((header) => [header[0].toLowerCase(), header])).values()];
}

function rewriteOf(
  rewrite: LocationSettings['rewrite'],
  forwardedPrefix: LocationContribution['forwardedPrefix'],
  log: LocationContribution['rewriteLog'],
): LocationSettings['rewrite'] {
  if (rewrite === undefined || (forwardedPrefix === undefined && log === undefined)) return rewrite;
  return { ...rewrite, ...(forwardedPrefix !== undefined && { forwardedPrefix }), ...(log !== undefined && { log }) };
}

/** What a reading depends on besides the Ingress and the objects it refers to. */
export interface Reading {
  readonly settings: Settings;
  readonly flags: ReadingFlags;
  /** What the names of our annotations begin with. */
  readonly prefix: string;
  readonly quarantined: boolean;
}

function read(ingress: V1Ingress, snapshot: Snapshot, { settings, flags, prefix, quarantined }: Reading): IngressModel {
  const reads: Read[] = [];
  const ref = ingressRef(ingress);
  const parsed = parseAnnotations(ingress, ref, prefix, settings);
  const problems: Problem[] = [...parsed.problems];
  const resources = recordingResources(snapshot, reads);
  const reported = new Set<string>();
  const report: LocationContext['report'] = (problem) => {
    // Once for the Ingress, not once for each of its paths.
    const key = `${problem.code} ${problem.message}`;
    if (!reported.has(key)) problems.push({ ...problem, object: ref });
    reported.add(key);
  };
  const fieldOf: LocationContext['annotationField'] = (name) => annotationField(`${prefix}/${name}`);
  const canary = canaryRules(parsed.values, { annotationField: fieldOf, report });
  if (canary !== undefined) problems.splice(0, parsed.problems.length, ...parsed.problems.map(ofCanary));
  const settingsFor = (path: string, backend: BackendRef, pathsOnly: boolean): LocationSettings => {
    if (quarantined) return DENIED;
    const context: LocationContext = {
      ingress: ref,
      path,
      backend,
      settings,
      flags,
      resources,
      annotationField: fieldOf,
      report,
    };
    const contributions = FEATURES.map((feature, index) => {
      const counts = canary === undefined ? pathsOnly || feature.pathsOnly !== true : feature.ofService === true;
      return counts ? (feature.location?.(parsed.values[index] ?? {}, context) ?? {}) : {};
    });
    reportUnbuffered(contributions, context);
    return merge(contributions, canary === undefined && parsed.denied);
  };
  const target = (backend: BackendRef, path: string, pathsOnly: boolean) => {
    const own = settingsFor(path, backend, pathsOnly);
    return { backend: own.viaService ? { ...backend, viaService: true as const } : backend, settings: own };
  };

  const hosts = new Map<string, PathModel[]>();
  const rules = canary !== undefined && parsed.refused ? [] : (ingress.spec?.rules ?? []);
  for (const [ruleIndex, rule] of rules.entries()) {
    const host = rule.host ?? '';
    if (!isRuleHost(host)) {
      problems.push(invalidHost(ref, ruleIndex, host));
      continue;
    }
    const paths = hosts.get(host) ?? [];
    hosts.set(host, paths);
    for (const [pathIndex, path] of (rule.http?.paths ?? []).entries()) {
      const field = ['spec', 'rules', ruleIndex, 'http', 'paths', pathIndex];
      const backend = backendRef(path.backend, ref.namespace);
      const text = path.path === undefined || path.path === '' ? '/' : path.path;
      if (backend === undefined) problems.push(notAService(ref, field));
      else if (!PATH.test(text)) problems.push(invalidPath(ref, field, text));
      else {
        const type = path.pathType === 'Exact' ? 'Exact' : 'Prefix';
        paths.push({ type, text, ...target(backend, text, true), field });
      }
    }
  }
  if (canary !== undefined && ingress.spec?.defaultBackend !== undefined) problems.push(canaryFallback(ref));
  const fallback = canary === undefined ? backendRef(ingress.spec?.defaultBackend, ref.namespace) : undefined;
  let host: HostContribution = {};
  if (canary === undefined) {
    const { unusable } = parsed;
    const context = { ingress: ref, settings, resources, annotationField: fieldOf, report, unusable };
    for (const [index, feature] of FEATURES.entries())
      host = { ...host, ...feature.host?.(parsed.values[index] ?? {}, context) };
    // What guarded the host is not in nginx.conf: what it guarded is not served.
    if (quarantined) host = host.clientCertificates === undefined ? {} : { clientCertificates: 'refused' };
  }
  return {
    ingress,
    ref,
    hosts,
    canary,
    defaultBackend: fallback === undefined ? undefined : target(fallback, '/', false),
    host,
    prefix,
    quarantined,
    reads,
    problems,
  };
}

/** Begins with a slash; no control characters, which nginx cannot be given. */
const PATH = /^\/[^\u0000-\u001f\u007f]*$/;

function notAService(object: ObjectRef, field: FieldPath): Problem {
  return {
    code: 'backend-not-a-service',
    severity: 'warning',
    effect: 'path-ignored',
    object,
    field: [...field, 'backend'],
    message: 'the backend is not a port of a Service; backends of other kinds are not served',
    example: 'backend: {service: {name: web, port: {number: 80}}}',
  };
}

function invalidPath(object: ObjectRef, field: FieldPath, text: string): Problem {
  return {
    code: 'invalid-path',
    severity: 'error',
    effect: 'path-ignored',
    object,
    field: [...field, 'path'],
    value: shorten(text),
    message: 'the path does not begin with / or holds a control character',
    example: 'path: /shop',
  };
}

function invalidHost(object: ObjectRef, rule: number, host: string): Problem {
  return {
    code: 'invalid-host',
    severity: 'error',
    effect: 'path-ignored',
    object,
    field: ['spec', 'rules', rule, 'host'],
    value: shorten(host),
    message: 'the host is neither a DNS name in lower case nor one behind "*."',
    example: 'host: shop.example.com',
  };
}

const memos = new WeakMap<V1Ingress, { readonly reading: Reading; readonly model: IngressModel }>();

function same(a: Reading, b: Reading): boolean {
  return (
    a.settings === b.settings &&
    a.flags.ignoreModsecurity === b.flags.ignoreModsecurity &&
    a.flags.sslPassthrough === b.flags.sslPassthrough &&
    a.prefix === b.prefix &&
    a.quarantined === b.quarantined
  );
}

/** Reads an Ingress; the same objects give the same model, remembered for as long as the Ingress object lives. */
export function modelIngress(ingress: V1Ingress, snapshot: Snapshot, reading: Reading): IngressModel {
  const memo = memos.get(ingress);
  if (memo !== undefined && same(memo.reading, reading) && stillTrue(memo.model.reads, snapshot)) return memo.model;
  const model = read(ingress, snapshot, reading);
  memos.set(ingress, { reading, model });
  return model;
}
