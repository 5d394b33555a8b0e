/** Service ports that one host names, resolved. */
import type { BackendRef } from '../types/plan.ts';
import type { FieldPath, ObjectRef, Problem } from '../types/problem.ts';
import type { Snapshot } from '../types/snapshot.ts';
import { backendKey, resolveBackend, type ResolvedBackend } from './backends.ts';
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
  /** Key of a backend without endpoints → what is to be said of it. */
  readonly lacks: ReadonlyMap<string, Problem>;
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
  const list = new Map<string, HostBackend>();
  const lacks = new Map<string, Problem>();
  const externalNames = new Set<string>();
  for (const { ref, model, path } of output.backends) {
    const key = backendKey(ref);
    if (list.has(key)) continue;
    const resolved = resolveWith(options, ref, snapshot);
    list.set(key, { key, ref, resolved });
    if (resolved.externalName !== undefined) externalNames.add(resolved.externalName);
    if (resolved.lack !== undefined && model !== undefined)
      lacks.set(key, lackProblem(model.ref, path?.field, ref, resolved.lack));
  }
  return { list: [...list.values()], lacks, externalNames: [...externalNames] };
}

function lackProblem(
  object: ObjectRef,
  path: FieldPath | undefined,
  ref: BackendRef,
  lack: { code: string; reason: string },
): Problem {
  return {
    code: lack.code,
    severity: 'notice',
    effect: 'no-endpoints',
    object,
    field: path === undefined ? ['spec', 'defaultBackend'] : [...path, 'backend', 'service'],
    value: `${ref.service}:${ref.port}`,
    message: `${lack.reason}; its paths answer 503`,
  };
}
