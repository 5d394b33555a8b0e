/** A build equals a build from scratch byte for byte, whatever was built before. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { type Build, type Built, createBuild, type StaticOptions } from '../../app/build.ts';
import { DEFAULT_BOUNDS } from '../../model/contract/bounds.ts';
import { referencesAmong } from '../../model/plan/referenced-objects.ts';
import { createRender } from '../../render/render.ts';
import { finish, type Steps } from '../../types/steps.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../build-fixed.ts';
import { anyEdit, firstWorld } from './edits.ts';
import { type Edit, HOST_POLICY, TCP_SERVICES, UDP_SERVICES } from './names.ts';
import { copied, emptyWorld, type World } from './world.ts';

export const VARIANTS: readonly Partial<StaticOptions>[] = [
  {},
  { defaultSslCertificate: 'a/t1', defaultBackendService: 'a/s1', externalNames: false },
  // The bounds are so low that most namespaces exceed their shares.
  { bounds: { ...DEFAULT_BOUNDS, confMegabytes: 0.012, liveMegabytes: 0.016, namespacePercent: 60, limitZones: 2 } },
  {
    disableCatchAll: true,
    watchIngressWithoutClass: false,
    strictPaths: true,
    redirectsToSlash: true,
    ignoreModsecurity: true,
  },
  {
    isolateNamespaces: true,
    ownPod: { namespace: 'a', addresses: ['10.0.0.1'], ports: [8080], innerPorts: [8080] },
  },
  { hostOwnership: 'namespaces' },
  { wildcardCertificatesNamespace: 'b', bounds: { ...DEFAULT_BOUNDS, poolCertificates: 2 } },
  { hostOwnership: 'configmap', hostPolicyConfigMap: HOST_POLICY, isolateNamespaces: true },
  { streams: { tcp: TCP_SERVICES, udp: null, installed: true, reserved: new Map([['TCP 80', '--http-port']]) } },
  {
    sslPassthrough: true,
    streams: { tcp: TCP_SERVICES, udp: UDP_SERVICES, installed: true, reserved: new Map([['TCP 80', '--http-port']]) },
  },
];

export function freshBuild(variant: number): Build {
  const render = createRender(TEMPLATES, RENDER_OPTIONS);
  // What depends on these rules is cached for this object.
  const addresses = { ...MODEL_OPTIONS.addresses };
  return createBuild({ ...MODEL_OPTIONS, addresses, ...VARIANTS[variant] }, () => render);
}

/** A build from scratch. It gets copies, for which nothing is cached. */
export function fromNothing(world: World, variant: number): Built {
  const copy = copied(world);
  return freshBuild(variant)(copy.snapshot, copy.overrides);
}

function sorted<T>(map: Iterable<readonly [string, T]>): readonly (readonly [string, T])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Everything that a build returns, in a fixed order. */
function resultOf({ plan, artifact, problems }: Built, lines: boolean) {
  return {
    conf: artifact.conf,
    confHash: artifact.confHash,
    live: sorted(artifact.live),
    files: sorted(artifact.files),
    problems,
    ingresses: [...plan.ingresses].sort(),
    secrets: [...plan.secrets].sort(),
    pooledSecrets: [...plan.pooledSecrets],
    configMaps: [...plan.configMaps].sort(),
    externalNames: plan.externalNames,
    backendsOfService: sorted(plan.backendsOfService),
    size: artifact.live.size,
    streamFiles: sorted(plan.streamFiles),
    streamPorts: plan.streamPorts,
    owners: lines ? artifact.conf.split('\n').map((_, line) => artifact.ownersOfLine(line + 1)) : [],
  };
}

/**
 * The objects that are fetched before a build are those that the build uses. The search for the objects to fetch does
 * not consider refusals of nginx, so the check is skipped if there are any.
 */
function checkReferences({ plan }: Built, { snapshot, overrides }: World, variant: number): void {
  if (overrides.quarantine.size > 0 || overrides.settingTexts !== undefined) return;
  const options = { ...MODEL_OPTIONS, ...VARIANTS[variant], quarantine: new Map(), resolvedNames: new Map() };
  expect(finish(referencesAmong(snapshot, options, snapshot.Ingress.keys()))).toEqual({
    secrets: plan.secrets,
    configMaps: plan.configMaps,
  });
}

/** An edit and the build after it. */
interface Turn {
  readonly edit: Edit;
  /**
   * The build after the edit runs this many steps before the next build, and is completed after the next build. With 0,
   * it is completed at once.
   */
  readonly overlap: number;
  /** Whether the result of the edit is previewed before it is built. */
  readonly previewed: boolean;
}

interface Unfinished {
  readonly world: World;
  readonly steps: Steps<Built>;
}

function check(turns: readonly Turn[], variant: number): void {
  const build = freshBuild(variant);
  let world = firstWorld(emptyWorld());
  build(world.snapshot, world.overrides);
  let left: Unfinished | undefined;
  for (const [index, { edit, overlap, previewed }] of turns.entries()) {
    world = edit.apply(world);
    if (previewed) finish(build.preview(world.snapshot));
    if (overlap > 0 && left === undefined) {
      left = { world, steps: build.steps(world.snapshot, world.overrides) };
      for (let step = 0; step < overlap && left !== undefined; step += 1)
        if (left.steps.next().done === true) left = undefined;
      continue;
    }
    const last = index === turns.length - 1;
    const made = build(world.snapshot, world.overrides);
    expect(resultOf(made, last)).toEqual(resultOf(fromNothing(world, variant), last));
    checkReferences(made, world, variant);
    if (left === undefined) continue;
    expect(resultOf(finish(left.steps), false)).toEqual(resultOf(fromNothing(left.world, variant), false));
    left = undefined;
  }
}

/** Checks `runs` sequences of edits, which depend only on the seed. */
export function assertIncremental(runs: number, seed: number, maxLength: number): void {
  const overlap = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 40 }));
  const turns = fc.array(fc.record({ edit: anyEdit, overlap, previewed: fc.boolean() }), {
    minLength: 1,
    maxLength,
    size: 'max',
  });
  fc.assert(fc.property(turns, fc.nat({ max: VARIANTS.length - 1 }), check), { numRuns: runs, seed });
}
