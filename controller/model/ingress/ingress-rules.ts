/** The rules of an Ingress that can be served: their hosts, paths and Service ports. */
import type { V1HTTPIngressPath, V1IngressBackend, V1IngressRule } from '@kubernetes/client-node';
import type { BackendRef } from '../../types/plan.ts';
import { type FieldPath, type ObjectRef, type Problem, shorten } from '../../types/problem.ts';
import { exact } from '../../types/exact.ts';
import { bytesOf, countOf, shown } from '../../types/left-out.ts';
import type { Steps } from '../../types/steps.ts';
import { type BoundName, BOUNDS, type Bounds, excess } from '../contract/bounds.ts';
import type { LocationSettings } from '../features/location-settings.ts';
import { type PathRegex, pathRegexes } from './path-regexes.ts';
import { MOST_BYTES } from '../values/regex/bounds.ts';
import { isLabel, isRuleHost } from '../values/names.ts';
import { isPort } from '../../types/ports.ts';

/** A path that can be served. */
export interface PathModel {
  readonly type: 'Exact' | 'Prefix';
  readonly text: string;
  readonly backend: BackendRef;
  readonly settings: LocationSettings;
  /** Pattern of the path, for use if the paths of its host are regular expressions. */
  readonly regex: PathRegex;
  readonly field: FieldPath;
}

/**
 * Host (empty: every host) → its paths, in the order written. `rules`: rules that `withinBounds` has already limited.
 * `target` returns the backend and the settings of a path. Hosts and paths that cannot be served are reported as
 * Problems.
 */
export function* pathsOfRules(
  rules: readonly V1IngressRule[],
  ref: ObjectRef,
  target: (backend: BackendRef, path: string) => Pick<PathModel, 'backend' | 'settings'>,
  bounds: Bounds,
  problems: Problem[],
): Steps<ReadonlyMap<string, readonly PathModel[]>> {
  const regexOf = pathRegexes();
  const hosts = new Map<string, PathModel[]>();
  const named = new Set<string>();
  let [written, hostsLeftOut, pathsLeftOut] = [0, 0, 0];
  for (const [ruleIndex, rule] of rules.entries()) {
    const { host = '', http } = rule;
    const others = countOf(host);
    if (others !== undefined) {
      hostsLeftOut += others;
      pathsLeftOut += pathsOf(rule);
      continue;
    }
    named.add(host);
    if (!isRuleHost(host)) {
      problems.push(invalidHost(ref, ruleIndex, host));
      continue;
    }
    const paths = hosts.get(host) ?? [];
    hosts.set(host, paths);
    for (const [pathIndex, path] of (http?.paths ?? []).entries()) {
      written += 1;
      const field = ['spec', 'rules', ruleIndex, 'http', 'paths', pathIndex];
      const read = readPath(path, ref, field);
      if ('code' in read) problems.push(read);
      else {
        const { type, text, backend } = read;
        const reached = target(backend, text);
        paths.push({ type, text, ...reached, regex: regexOf(type, text, reached.settings.regex), field });
      }
      yield;
    }
  }
  if (hostsLeftOut > 0) problems.push(tooMany(ref, 'ingressHosts', named.size + hostsLeftOut, bounds));
  if (pathsLeftOut > 0) problems.push(tooMany(ref, 'ingressPaths', written + pathsLeftOut, bounds));
  for (const [host, paths] of hosts) hosts.set(host, exact(paths));
  return hosts;
}

/** Number of omitted paths, which is stored in the rule that replaces the omitted hosts. */
function pathsOf({ http }: V1IngressRule): number {
  return countOf(http?.paths[0]?.path ?? '') ?? 0;
}

/** The path, or the Problem that says why the path is not served. */
function readPath(
  { path = '', pathType, backend: named }: V1HTTPIngressPath,
  ref: ObjectRef,
  field: FieldPath,
): Pick<PathModel, 'type' | 'text' | 'backend'> | Problem {
  const backend = backendRef(named, ref.namespace);
  if (backend === undefined) return notAService(ref, field);
  const text = path === '' ? '/' : path;
  if (!PATH.test(text)) return invalidPath(ref, field, text, 'does not begin with /, or contains a control character');
  if (bytesOf(text) > MOST_BYTES)
    return invalidPath(ref, field, text, `has ${bytesOf(text)} bytes; at most ${MOST_BYTES} are accepted`);
  return { type: pathType === 'Exact' ? 'Exact' : 'Prefix', text, backend };
}

function tooMany(object: ObjectRef, name: BoundName, count: number, bounds: Bounds): Problem {
  return {
    code: 'bound-exceeded',
    severity: 'error',
    effect: 'path-ignored',
    object,
    field: ['spec', 'rules'],
    message: `the Ingress ${excess(name, count, bounds) ?? ''}; ${BOUNDS[name].beyond}`,
  };
}

/**
 * The Service port to which a backend refers; undefined if the backend is anything else. Names are checked, because
 * they become keys of the live data.
 */
export function backendRef(backend: V1IngressBackend | undefined, namespace: string): BackendRef | undefined {
  const service = backend?.service;
  const port = service?.port?.number ?? service?.port?.name;
  if (service === undefined || port === undefined || !isLabel(service.name) || !isLabel(namespace)) return undefined;
  // A port's name cannot be a number, so `name: "80"` means port 80; both would have the same key in the live data.
  const number = /^[1-9]\d{0,4}$/.test(`${port}`) ? Number(port) : port;
  if (typeof number === 'number' ? !isPort(number) : !isLabel(number)) return undefined;
  return { namespace, service: service.name, port: number };
}

/** A path begins with a slash and contains no control characters, which nginx does not accept. */
const PATH = /^\/[^\u0000-\u001f\u007f]*$/;

function notAService(object: ObjectRef, field: FieldPath): Problem {
  return {
    code: 'backend-not-a-service',
    severity: 'warning',
    effect: 'path-ignored',
    object,
    field: [...field, 'backend'],
    message: 'the backend is not a Service with a port; other kinds of backends are not supported',
    example: 'backend: {service: {name: web, port: {number: 80}}}',
  };
}

function invalidPath(object: ObjectRef, field: FieldPath, text: string, reason: string): Problem {
  return {
    code: 'invalid-path',
    severity: 'error',
    effect: 'path-ignored',
    object,
    field: [...field, 'path'],
    value: shorten(shown(text)),
    message: `the path ${reason}`,
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
    value: shorten(shown(host)),
    message: 'the host must be a DNS name in lower case, optionally after "*."',
    example: 'host: shop.example.com',
  };
}
