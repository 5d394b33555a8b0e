/** build + render, and what they depend on besides the Snapshot. */
import { build } from '../model/build.ts';
import type { BuildOptions, Quarantine } from '../model/options.ts';
import { VerificationError, type Render } from '../render/render.ts';
import type { Artifact } from '../types/artifact.ts';
import type { Plan } from '../types/plan.ts';
import type { Problem } from '../types/problem.ts';
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';

export type StaticOptions = Omit<BuildOptions, 'quarantine' | 'resolvedNames' | 'defaultSettingsOnly'>;

/** The part of the options that changes while the controller runs. */
export interface Circumstances {
  readonly quarantine: ReadonlyMap<ObjectKey, Quarantine>;
  readonly resolvedNames: BuildOptions['resolvedNames'];
  readonly defaultSettingsOnly: boolean;
}

export interface Assembly {
  readonly snapshot: Snapshot;
  readonly plan: Plan;
  readonly artifact: Artifact;
  readonly problems: readonly Problem[];
}

export type Assemble = (snapshot: Snapshot, circumstances: Circumstances) => Assembly;

/** Secrets that a build of this Snapshot would look at. */
export function secretsOf(snapshot: Snapshot, options: StaticOptions): ReadonlySet<ObjectKey> {
  const circumstances = { quarantine: new Map(), resolvedNames: new Map(), defaultSettingsOnly: false };
  return build(snapshot, { ...options, ...circumstances }).plan.secrets;
}

/** `render` is asked for each time, because templates may be replaced while the controller runs. */
export function createAssemble(options: StaticOptions, render: () => Render): Assemble {
  return (snapshot, circumstances) => {
    const { plan, problems } = build(snapshot, { ...options, ...circumstances });
    return { snapshot, plan, artifact: render()(plan), problems };
  };
}

/** Assembles; Ingresses whose block would not mean what was intended are quarantined until it does. */
export function assembleSafely(assemble: Assemble, snapshot: Snapshot, circumstances: Circumstances): Assembly {
  const quarantine = new Map(circumstances.quarantine);
  for (;;) {
    try {
      return assemble(snapshot, { ...circumstances, quarantine });
    } catch (error) {
      if (!(error instanceof VerificationError) || error.owners.length === 0) throw error;
      const known = quarantine.size;
      for (const owner of error.owners) {
        const key = `${owner.namespace}/${owner.name}`;
        const refused = snapshot.Ingress.get(key);
        if (refused !== undefined) quarantine.set(key, { refused, lastGood: undefined, message: error.message });
      }
      if (quarantine.size === known) throw error;
    }
  }
}
