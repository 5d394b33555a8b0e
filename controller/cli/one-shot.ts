/** Manifests → Assembly, once: what `render` and `check` share. */
import type { Assemble, Assembly } from '../app/assembly.ts';
import { assembleSafely } from '../app/faults.ts';
import { readManifests, type RefusedIngress } from '../cluster/index.ts';
import type { Locator, Problem } from '../types/problem.ts';
import { assembleWith, type BuildArguments, loadRender, renderOptions, type Site } from './stages.ts';

export interface OneShot {
  readonly assembly: Assembly;
  readonly assemble: Assemble;
  /** Problems of the manifests themselves, followed by those of the build. */
  readonly readProblems: readonly Problem[];
  readonly problems: readonly Problem[];
  /** Ingresses that are malformed. */
  readonly refused: readonly RefusedIngress[];
  readonly locate: Locator;
}

/** A path that does not exist is a usage error, not a faulty manifest. */
export function isUsageProblem(problem: Problem): boolean {
  return problem.code === 'path-not-found';
}

/** Writes nothing to disk. `now` in milliseconds since 1970: certificates that expired before are reported. */
export async function assembleOnce(
  paths: readonly string[],
  given: BuildArguments,
  site: Site,
  now?: number,
): Promise<OneShot> {
  const manifests = await readManifests(paths);
  const ofTemplates: Problem[] = [];
  const render = await loadRender(given, renderOptions(given, site), (message) =>
    ofTemplates.push({ code: 'template-differs', severity: 'warning', effect: 'none', message }),
  );
  const assemble = assembleWith(given, site, () => render);
  const assembly = assembleSafely(assemble, manifests.snapshot, {
    quarantine: new Map(),
    resolvedNames: new Map(),
    ...(now !== undefined && { now }),
  });
  return {
    assembly,
    assemble,
    readProblems: manifests.problems,
    problems: [...manifests.problems, ...ofTemplates, ...assembly.problems],
    refused: manifests.refused,
    locate: manifests.locate,
  };
}
