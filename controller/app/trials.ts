/**
 * Tests parts of a configuration with nginx. Testing a few server blocks takes a few milliseconds, whatever the size of
 * the whole configuration.
 */
import type { Artifact } from '../types/artifact.ts';
import type { Nginx } from '../types/nginx.ts';
import type { HostPlan, Plan } from '../types/plan.ts';
import type { ObjectRef } from '../types/problem.ts';
import type { ObjectKey, Snapshot } from '../types/snapshot.ts';
import type { Steps } from '../types/steps.ts';
import type { Build, Overrides } from './build.ts';
import { inSlices } from '../time/slices.ts';

export type TrialResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly message: string;
      /**
       * The Ingresses to which nginx's error message leads by its line number: the owner of the location in that line
       * or, failing that, the owners of the server block.
       */
      readonly owners: readonly ObjectKey[];
      /** True if nginx could not be run, so nothing is known. */
      readonly untested?: true;
    };

/** The static part of a Plan. */
export type TrialPlan = Plan['static'];

export interface Trials {
  /** Builds the static part of a Plan with only these Ingresses. */
  readonly plan: (Ingress: Snapshot['Ingress'], overrides: Overrides) => Promise<TrialPlan>;
  /** Runs `nginx -t` on these server blocks, plus a default server. */
  readonly ask: (plan: TrialPlan, hosts: readonly HostPlan[]) => Promise<TrialResult>;
}

export interface TrialOptions {
  readonly build: Pick<Build, 'part' | 'excerpt'>;
  readonly nginx: Pick<Nginx, 'check'>;
  readonly snapshot: Snapshot;
  readonly overrides: Overrides;
  /** Whether nginx runs at low priority, because nothing waits for the result. */
  readonly background: boolean;
}

export function keyOfRef({ namespace, name }: ObjectRef): ObjectKey {
  return `${namespace}/${name}`;
}

/** Runs these steps and tests their output with nginx. Throws what the steps throw. */
export async function askAbout(
  steps: Steps<Artifact>,
  nginx: Pick<Nginx, 'check'>,
  background: boolean,
): Promise<TrialResult> {
  const artifact = await inSlices(steps);
  const result = await nginx.check(artifact, background ? 'background' : undefined);
  if (result.ok) return { ok: true };
  const owners = result.line === undefined ? [] : artifact.ownersOfLine(result.line).map(keyOfRef);
  const { message, untested } = result;
  return { ok: false, message, owners, ...(untested === true && { untested }) };
}

export function createTrials({ build, nginx, snapshot, overrides, background }: TrialOptions): Trials {
  let bare: Promise<HostPlan | undefined> | undefined;

  /** The default server of a cluster without Ingresses, which is planned only once. */
  async function defaultServer(): Promise<HostPlan | undefined> {
    bare ??= inSlices(build.part(snapshot, overrides, new Map())).then(({ hosts }) => [...hosts.values()][0]);
    return bare;
  }

  return {
    plan: (Ingress, others) => inSlices(build.part(snapshot, others, Ingress)),
    ask: async (plan, hosts) => {
      const own = hosts.find(({ isDefault }) => isDefault);
      const first = own ?? (await defaultServer());
      const others = hosts.filter(({ isDefault }) => !isDefault);
      return askAbout(build.excerpt(plan, first === undefined ? others : [first, ...others]), nginx, background);
    },
  };
}
