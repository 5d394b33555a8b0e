/** Combines the model's build with rendering, and defines what a build depends on besides the Snapshot. */
import { createBuilder, type Preview } from '../model/build.ts';
import { type EndpointRules, endpointRules } from '../model/host/backends/endpoint-rules.ts';
import { resolveWith } from '../model/host/backends/host-backends.ts';
import { atMost } from '../model/plan/shares/table-shares.ts';
import type { EntryInput } from '../model/ingress/entries.ts';
import type { BuildOptions, ChangingOption, Quarantine } from '../model/contract/options.ts';
import { referencesAmong } from '../model/plan/referenced-objects.ts';
import { renderLive, NO_LIVE } from '../render/live.ts';
import type { Render } from '../render/render.ts';
import type { Artifact } from '../types/artifact.ts';
import type { LiveBackend } from '../types/live.ts';
import type { BackendRef, HostPlan, Plan } from '../types/plan.ts';
import type { Problem } from '../types/problem.ts';
import type { ObjectKey, ReferencedObjects, Snapshot } from '../types/snapshot.ts';
import { finish, type Steps } from '../types/steps.ts';
import { atOnceOrInSlices } from '../time/slices.ts';

export type StaticOptions = Omit<BuildOptions, ChangingOption>;

/** The build options that change while the controller runs. */
export type Overrides = Pick<BuildOptions, ChangingOption>;

/**
 * What is served instead of an Ingress that cannot be built, and the error that was thrown when the Ingress was built.
 */
export interface FoundFault {
  readonly entry: Quarantine;
  readonly error: Error;
}

export interface Built {
  readonly snapshot: Snapshot;
  readonly overrides: Overrides;
  readonly plan: Plan;
  readonly artifact: Artifact;
  readonly problems: readonly Problem[];
  /**
   * Ingresses that this build left out because building them failed, in addition to those that `overrides` leaves out.
   */
  readonly faults: ReadonlyMap<ObjectKey, FoundFault>;
  /**
   * Resolves a Service port with the options of this build, but with a newer Snapshot and newer addresses of DNS names.
   */
  readonly resolve: (ref: BackendRef, snapshot: Snapshot, names: Overrides['resolvedNames']) => LiveBackend;
  /**
   * The rules by which this build chose endpoints, and those for a newer Snapshot. Both are the same object if the
   * rules are equal.
   */
  readonly endpointRules: EndpointRules;
  readonly newerEndpointRules: (snapshot: Snapshot) => EndpointRules;
}

/** Builds in one go when called as a function, or step by step with `steps`. */
export interface Build {
  (snapshot: Snapshot, overrides: Overrides): Built;
  readonly steps: (snapshot: Snapshot, overrides: Overrides) => Steps<Built>;
  /** The static Plan of a cluster that has only these Ingresses. Its cost depends on these Ingresses alone. */
  readonly part: (snapshot: Snapshot, overrides: Overrides, ingresses: Snapshot['Ingress']) => Steps<Plan['static']>;
  /**
   * Plans and renders a cluster that has only these Ingresses, and discards the result. Throws what planning or
   * rendering throws.
   */
  readonly probe: (snapshot: Snapshot, overrides: Overrides, ingresses: Snapshot['Ingress']) => Steps<void>;
  /** What the last build was made from; undefined before the first build. */
  readonly last: () => Pick<EntryInput, 'snapshot' | 'options'> | undefined;
  /**
   * How the Problems would differ with another Snapshot. The preview starts from the last build, and its result is
   * discarded, so the next build is not affected. The cost depends only on the difference from the last Snapshot.
   */
  readonly preview: (snapshot: Snapshot) => Steps<Preview>;
  /** Renders an nginx.conf with only some hosts of a Plan, for a test with nginx. */
  readonly excerpt: (plan: Plan['static'], hosts: readonly HostPlan[]) => Steps<Artifact>;
  readonly options: StaticOptions;
}

const NO_FAULTS: Built['faults'] = new Map();
const NO_OVERRIDES: Overrides = { quarantine: new Map(), resolvedNames: new Map() };

/**
 * The Secrets and ConfigMaps that a build of this Snapshot would read, either for all Ingresses or only for the given
 * ones (`namespace/name`). Returns the result synchronously if one slice of time is enough.
 */
export function referencesOf(
  snapshot: Snapshot,
  options: StaticOptions,
  ingresses: ReadonlySet<ObjectKey> | undefined,
): ReferencedObjects | Promise<ReferencedObjects> {
  const named = [...(ingresses ?? snapshot.Ingress.keys())];
  return atOnceOrInSlices(referencesAmong(snapshot, { ...options, ...NO_OVERRIDES }, named));
}

/** Calls `render` for each build, because the templates may be replaced while the controller runs. */
export function createBuild(options: StaticOptions, render: () => Render): Build {
  const builder = createBuilder();
  function* steps(snapshot: Snapshot, overrides: Overrides): Steps<Built> {
    const all = { ...options, ...overrides };
    const { plan, problems } = yield* builder(snapshot, all);
    const artifact = yield* render().steps(plan);
    const newerEndpointRules = (newer: Snapshot) => endpointRules(options, newer);
    const rules = { endpointRules: newerEndpointRules(snapshot), newerEndpointRules };
    const resolve: Built['resolve'] = (ref, newer, resolvedNames) =>
      atMost(
        resolveWith({ ...all, resolvedNames }, newerEndpointRules(newer), ref, newer).backend,
        plan.mostEndpoints.get(ref.namespace),
      );
    return { snapshot, overrides, plan, artifact, problems, faults: NO_FAULTS, resolve, ...rules };
  }
  function* whole(snapshot: Snapshot, overrides: Overrides, Ingress: Snapshot['Ingress']): Steps<Plan> {
    // A separate builder, because the one above reuses its previous build.
    return (yield* createBuilder()({ ...snapshot, Ingress }, { ...options, ...overrides })).plan;
  }
  function* part(...given: Parameters<typeof whole>): Steps<Plan['static']> {
    return (yield* whole(...given)).static;
  }
  function* probe(...given: Parameters<typeof whole>): Steps<void> {
    const plan = yield* whole(...given);
    yield* render().excerpt(plan.static, [...plan.static.hosts.values()]);
    yield* renderLive(plan.live, NO_LIVE);
  }
  return Object.assign((snapshot: Snapshot, overrides: Overrides) => finish(steps(snapshot, overrides)), {
    options,
    steps,
    part,
    probe,
    last: builder.input,
    preview: builder.preview,
    excerpt: (plan: Plan['static'], hosts: readonly HostPlan[]) => render().excerpt(plan, hosts),
  });
}
