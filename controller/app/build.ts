/** build + render, and their inputs besides the Snapshot. */
import { createBuilder } from '../model/build.ts';
import { resolveWith } from '../model/host/backends/host-backends.ts';
import { atMost } from '../model/plan/shares/table-shares.ts';
import type { BuildOptions, KeptSecrets, Quarantine } from '../model/contract/options.ts';
import type { SettingTexts } from '../model/contract/setting-texts.ts';
import { referencesAmong } from '../model/plan/referenced-objects.ts';
import { renderLive, NO_LIVE } from '../render/live.ts';
import type { Render } from '../render/render.ts';
import type { Artifact } from '../types/artifact.ts';
import type { KnownIntermediates } from '../types/intermediates.ts';
import type { InForce } from '../types/last-good.ts';
import type { LiveBackend } from '../types/live.ts';
import type { BackendRef, HostPlan, Plan } from '../types/plan.ts';
import type { Problem } from '../types/problem.ts';
import type { ObjectKey, ReferencedObjects, Snapshot } from '../types/snapshot.ts';
import { finish, type Steps } from '../types/steps.ts';
import { atOnceOrInSlices } from '../time/slices.ts';

export type StaticOptions = Omit<
  BuildOptions,
  'quarantine' | 'resolvedNames' | 'intermediates' | 'keptSecrets' | 'lastGood' | 'settingTexts' | 'now'
>;

/** The part of the options that changes while the controller runs. */
export interface Overrides {
  readonly quarantine: ReadonlyMap<ObjectKey, Quarantine>;
  readonly resolvedNames: BuildOptions['resolvedNames'];
  readonly intermediates?: KnownIntermediates;
  /** Certificates that expired before this time are reported; milliseconds since 1970. */
  readonly now?: number;
  readonly keptSecrets?: KeptSecrets;
  readonly lastGood?: InForce;
  readonly settingTexts?: SettingTexts;
}

/** What replaces an Ingress that cannot be built, and the error that was thrown. */
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
  /** What is left out because building it failed, beyond what its overrides leave out. */
  readonly faults: ReadonlyMap<ObjectKey, FoundFault>;
  /** Resolves a Service port as this build does, but in a newer Snapshot and with newer addresses of names. */
  readonly resolve: (ref: BackendRef, snapshot: Snapshot, names: Overrides['resolvedNames']) => LiveBackend;
}

/** Builds in one go when called, or in steps. */
export interface Build {
  (snapshot: Snapshot, overrides: Overrides): Built;
  readonly steps: (snapshot: Snapshot, overrides: Overrides) => Steps<Built>;
  /** The Plan of a cluster that has only these Ingresses, at the cost of these alone. */
  readonly part: (snapshot: Snapshot, overrides: Overrides, ingresses: Snapshot['Ingress']) => Steps<Plan['static']>;
  /** Makes everything for a cluster that has only these Ingresses; throws what that throws. */
  readonly probe: (snapshot: Snapshot, overrides: Overrides, ingresses: Snapshot['Ingress']) => Steps<void>;
  /** An nginx.conf with some hosts of a Plan, for a test. */
  readonly excerpt: (plan: Plan['static'], hosts: readonly HostPlan[]) => Steps<Artifact>;
  readonly options: StaticOptions;
}

const NO_FAULTS: Built['faults'] = new Map();
const NO_OVERRIDES: Overrides = { quarantine: new Map(), resolvedNames: new Map() };

/**
 * Secrets and ConfigMaps that a build of this Snapshot would look at: for all Ingresses, or for those named
 * (`namespace/name`). Returns at once if one slice is enough.
 */
export function referencesOf(
  snapshot: Snapshot,
  options: StaticOptions,
  ingresses: ReadonlySet<ObjectKey> | undefined,
): ReferencedObjects | Promise<ReferencedObjects> {
  const named = [...(ingresses ?? snapshot.Ingress.keys())];
  return atOnceOrInSlices(referencesAmong(snapshot, { ...options, ...NO_OVERRIDES }, named));
}

/** Calls `render` each time, because templates may be replaced while the controller runs. */
export function createBuild(options: StaticOptions, render: () => Render): Build {
  const builder = createBuilder();
  function* steps(snapshot: Snapshot, overrides: Overrides): Steps<Built> {
    const all = { ...options, ...overrides };
    const { plan, problems } = yield* builder(snapshot, all);
    const artifact = yield* render().steps(plan);
    const resolve: Built['resolve'] = (ref, newer, resolvedNames) =>
      atMost(resolveWith({ ...all, resolvedNames }, ref, newer).backend, plan.mostEndpoints.get(ref.namespace));
    return { snapshot, overrides, plan, artifact, problems, faults: NO_FAULTS, resolve };
  }
  function* whole(snapshot: Snapshot, overrides: Overrides, Ingress: Snapshot['Ingress']): Steps<Plan> {
    // A separate builder: the one in use continues from its last build.
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
    excerpt: (plan: Plan['static'], hosts: readonly HostPlan[]) => render().excerpt(plan, hosts),
  });
}
