/** Service ports that one host names, resolved. */
import type { BackendRef } from '../types/plan.ts';
import type { FieldPath, ObjectRef, Problem } from '../types/problem.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { resolveBackend, type ResolvedBackend } from './backends.ts';
import type { HostRules } from './host-rules.ts';
import type { HostOutput } from './host-plan.ts';
import type { BuildOptions } from './options.ts';

/** One Service port of the host, each once. */
export interface HostBackend {
  /** Key in the live data, without its prefix. */
  readonly key: string;
  readonly ref: BackendRef;
  readonly resolved: ResolvedBackend;
}

export interface HostBackends {
  readonly list: readonly HostBackend[];
  /** Keys of backends without endpoints, and what is to be said of each. */
  readonly lacks: readonly (readonly [string, Problem])[];
  readonly externalNames: readonly string[];
}

/** Endpoints of a Service port under these options. */
export function resolveWith(options: BuildOptions, ref: BackendRef, snapshot: Snapshot): ResolvedBackend {
  return resolveBackend(ref, snapshot, options.externalNames ? options.resolvedNames : null, options.zone);
}

interface Was {
  readonly output: HostOutput;
  readonly backends: HostBackends;
}

/** `was` where every port still resolves to the same. */
export function resolveHost(
  output: HostOutput,
  { snapshot, options, sameEndpoints }: HostRules,
  was: Was | undefined,
): HostBackends {
  const known = was?.output === output ? was.backends : undefined;
  if (known !== undefined && sameEndpoints) return known;
  if (known?.list.every(({ ref, resolved }) => resolveWith(options, ref, snapshot) === resolved)) return known;
  const lacks: (readonly [string, Problem])[] = [];
  const externalNames = new Set<string>();
  const list = output.backends.map(({ ref, key, model, path, canary }) => {
    const resolved = resolveWith(options, ref, snapshot);
    if (resolved.externalName !== undefined) externalNames.add(resolved.externalName);
    if (resolved.lack !== undefined && model !== undefined)
      lacks.push([key, lackProblem(model.ref, path?.field, ref, resolved.lack, canary)]);
    if (resolved.headless === true && model !== undefined)
      lacks.push([key, headlessProblem(model.ref, path?.field, ref)]);
    return { key, ref, resolved };
  });
  return {
    list,
    lacks: lacks.length === 0 ? NONE : lacks,
    externalNames: externalNames.size === 0 ? NONE : [...externalNames],
  };
}

/** What most hosts have nothing of is one object for all of them. */
const NONE: readonly never[] = [];

function headlessProblem(object: ObjectRef, path: FieldPath | undefined, ref: BackendRef): Problem {
  return {
    code: 'headless-service-upstream',
    severity: 'warning',
    effect: 'ignored-key',
    object,
    field: path === undefined ? ['spec', 'defaultBackend'] : [...path, 'backend', 'service'],
    value: `${ref.service}:${ref.port}`,
    message: `Service ${ref.namespace}/${ref.service} has no address of its own for service-upstream; requests go to its pods`,
  };
}

function lackProblem(
  object: ObjectRef,
  path: FieldPath | undefined,
  ref: BackendRef,
  lack: { code: string; reason: string },
  canary: boolean,
): Problem {
  return {
    code: lack.code,
    severity: 'notice',
    effect: canary ? 'none' : 'no-endpoints',
    object,
    field: path === undefined ? ['spec', 'defaultBackend'] : [...path, 'backend', 'service'],
    value: `${ref.service}:${ref.port}`,
    message: `${lack.reason}; ${canary ? 'no request goes to this canary' : 'its paths answer 503'}`,
  };
}
