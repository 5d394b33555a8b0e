/** Resolves the Service ports of one host to endpoints, and reports Problems about them. */
import type { BackendRef } from '../../../types/plan.ts';
import { type FieldPath, formatObject, type ObjectRef, type Problem } from '../../../types/problem.ts';
import type { ObjectKey, Snapshot } from '../../../types/snapshot.ts';
import type { Steps } from '../../../types/steps.ts';
import { resolveBackend } from './backends.ts';
import type { HostRules } from '../host-rules.ts';
import type { HostOutput } from '../host-plan.ts';
import { BOUNDS } from '../../contract/bounds.ts';
import { annotationField } from '../../features/annotations.ts';
import type { IngressModel } from '../../ingress/ingress-model.ts';
import type { BuildOptions } from '../../contract/options.ts';
import type { EndpointRules } from './endpoint-rules.ts';
import { resolveOutside } from './outside-backends.ts';
import { refusedOf, refusedProblem } from './refused-addresses.ts';
import type { ResolvedBackend } from './resolved-backend.ts';
import type { ServedBackend } from './served-backends.ts';
import { readSlices } from './slice-endpoints.ts';

/** One Service port of the host. */
export interface HostBackend {
  /** Key in the live data, without the prefix `b:`. */
  readonly key: string;
  readonly ref: BackendRef;
  readonly resolved: ResolvedBackend;
}

export interface HostBackends {
  readonly list: readonly HostBackend[];
  /**
   * Problems about the Service ports, each with a key. A Problem that several hosts share has one key, and is reported
   * once.
   */
  readonly lacks: readonly (readonly [string, Problem])[];
  /** DNS names that must be resolved. */
  readonly externalNames: readonly string[];
}

/** The endpoints of a Service port, or of a host outside the cluster, with these options. */
export function resolveWith(
  { externalNames, resolvedNames }: Pick<BuildOptions, 'externalNames' | 'resolvedNames'>,
  rules: EndpointRules,
  ref: BackendRef,
  snapshot: Snapshot,
): ResolvedBackend {
  if (ref.outside === true) return resolveOutside(ref, resolvedNames, rules.addresses);
  return resolveBackend(ref, snapshot, externalNames ? resolvedNames : null, rules);
}

/** `namespace/name` of the Services that the host uses. */
export function serviceKeysOf({ list }: HostBackends): readonly ObjectKey[] {
  return list.map(({ ref }) => `${ref.namespace}/${ref.service}` as const);
}

/** Whether a Service that the host uses is in `changed`; true if the changes are not known. */
function readsServiceOf(backends: HostBackends, changed: HostRules['changedServices']): boolean {
  if (changed === undefined) return true;
  return changed.size > 0 && serviceKeysOf(backends).some((key) => changed.has(key));
}

interface Was {
  readonly output: HostOutput;
  readonly backends: HostBackends;
}

/** Resolves all Service ports of a host. Returns `was.backends` if every port still resolves to the same object. */
export function* resolveHost(
  output: HostOutput,
  { snapshot, options, endpoints, changedServices }: HostRules,
  was: Was | undefined,
): Steps<HostBackends> {
  const known = was?.output === output ? was.backends : undefined;
  if (known !== undefined && !readsServiceOf(known, changedServices)) return known;
  if (known?.list.every(({ ref, resolved }) => resolveWith(options, endpoints, ref, snapshot) === resolved))
    return known;
  const lacks: (readonly [string, Problem])[] = [];
  const externalNames = new Set<string>();
  for (const { ref } of output.backends) if (ref.outside !== true) yield* readSlices(ref, snapshot, endpoints);
  const list = output.backends.map(({ ref, key, model, path, use }) => {
    const resolved = resolveWith(options, endpoints, ref, snapshot);
    if (resolved.externalName !== undefined) externalNames.add(resolved.externalName);
    if (resolved.lack !== undefined && model !== undefined)
      lacks.push([key, lackProblem(model, path?.field, ref, resolved.lack, use)]);
    if (resolved.cut !== undefined && model !== undefined)
      lacks.push([key, cutProblem(model.ref, path?.field, ref, resolved.cut)]);
    if (resolved.headless === true && model !== undefined)
      lacks.push([key, headlessProblem(model.ref, path?.field, ref)]);
    if (model !== undefined) lacks.push(...misplacedLacks(ref, snapshot, model));
    if (model !== undefined) lacks.push(...refusedLacks(key, resolved, model, useField(model, path?.field, use)));
    return { key, ref, resolved };
  });
  return {
    list,
    lacks: lacks.length === 0 ? NONE : lacks,
    externalNames: externalNames.size === 0 ? NONE : [...externalNames],
  };
}

/** Most hosts have no Problems and no external names: they share this list. */
const NONE: readonly never[] = [];

function backendField(path: FieldPath | undefined): FieldPath {
  return path === undefined ? ['spec', 'defaultBackend'] : [...path, 'backend', 'service'];
}

function cutProblem(object: ObjectRef, path: FieldPath | undefined, ref: BackendRef, cut: string): Problem {
  return {
    code: 'bound-exceeded',
    severity: 'warning',
    effect: 'none',
    object,
    field: backendField(path),
    value: `${ref.service}:${ref.port}`,
    message: `Service ${ref.namespace}/${ref.service} ${cut}; ${BOUNDS.serviceEndpoints.beyond}`,
  };
}

function useField(
  { prefix }: Pick<IngressModel, 'prefix'>,
  path: FieldPath | undefined,
  use: ServedBackend['use'],
): FieldPath {
  const named = NAMED_BY[use];
  return named === undefined ? backendField(path) : annotationField(`${prefix}/${named}`);
}

/**
 * Refused addresses and ports are reported once for each object, or name in an annotation, however many hosts use it.
 */
function refusedLacks(
  key: string,
  { backend }: ResolvedBackend,
  { ref: object }: IngressModel,
  field: FieldPath,
): (readonly [string, Problem])[] {
  return refusedOf(backend).map((refused) => {
    const whose =
      refused.object === undefined
        ? key
        : 'port' in refused
          ? `${formatObject(refused.object)} ${refused.field.join(' ')}`
          : formatObject(refused.object);
    return [`refused ${whose}`, refusedProblem(refused, { object, field })];
  });
}

const MOST_NAMES = 5;

/** Reports annotations of ours on a Service, where they have no effect; once for each Service. */
function misplacedLacks(
  { namespace, service, outside }: BackendRef,
  snapshot: Snapshot,
  { prefix }: IngressModel,
): (readonly [string, Problem])[] {
  if (outside === true) return [];
  const annotations = snapshot.Service.get(`${namespace}/${service}`)?.metadata?.annotations ?? {};
  const names = Object.keys(annotations).filter((name) => name.startsWith(`${prefix}/`));
  const [first] = names;
  if (first === undefined) return [];
  const more = names.length - MOST_NAMES;
  const problem: Problem = {
    code: 'misplaced-annotation',
    severity: 'notice',
    effect: 'ignored-key',
    object: { kind: 'Service', namespace, name: service },
    field: annotationField(first),
    message:
      `annotations with the prefix ${prefix} have an effect only on Ingresses, not on a Service: ` +
      `${names
        .slice(0, MOST_NAMES)
        .map((name) => name.slice(prefix.length + 1))
        .join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
  };
  return [[`misplaced ${namespace}/${service}`, problem]];
}

function headlessProblem(object: ObjectRef, path: FieldPath | undefined, ref: BackendRef): Problem {
  return {
    code: 'headless-service-upstream',
    severity: 'warning',
    effect: 'ignored-key',
    object,
    field: backendField(path),
    value: `${ref.service}:${ref.port}`,
    message: `Service ${ref.namespace}/${ref.service} has no ClusterIP for service-upstream; requests go to its pods`,
  };
}

/** Consequence for requests while a backend has no endpoints, by the use of the backend. */
const WITHOUT = {
  path: 'its paths answer 503',
  canary: 'the canary gets no requests',
  mirror: 'nothing is mirrored',
  auth: 'requests cannot be authorized, and the paths answer 503',
} as const;

/** Annotations that name the Service, by its use. */
const NAMED_BY: Partial<Record<keyof typeof WITHOUT, string>> = { mirror: 'mirror-target', auth: 'auth-url' };

function lackProblem(
  { ref: object, prefix }: IngressModel,
  path: FieldPath | undefined,
  ref: BackendRef,
  lack: { code: string; reason: string },
  use: ServedBackend['use'],
): Problem {
  return {
    code: lack.code,
    severity: 'notice',
    effect: use === 'path' || use === 'auth' ? 'no-endpoints' : 'none',
    object,
    field: useField({ prefix }, path, use),
    value: `${ref.service}:${ref.port}`,
    message: `${lack.reason}; ${WITHOUT[use]}`,
  };
}
