/** Manifests → build, once: what `render` and `check` share. */
import type { Build, Built } from '../app/build.ts';
import { buildSafely } from '../app/faults.ts';
import { readManifests, type RefusedIngress } from '../cluster/index.ts';
import type { Locator, Problem } from '../types/problem.ts';
import { buildWith, type BuildArguments, loadRender, renderOptions, type Site } from './stages.ts';

export interface OneShot {
  readonly built: Built;
  readonly build: Build;
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
export async function buildOnce(
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
  const build = buildWith(given, site, () => render);
  const built = buildSafely(build, manifests.snapshot, {
    quarantine: new Map(),
    resolvedNames: new Map(),
    ...(now !== undefined && { now }),
  });
  return {
    built,
    build,
    readProblems: manifests.problems,
    problems: [...manifests.problems, ...ofTemplates, ...built.problems],
    refused: manifests.refused,
    locate: manifests.locate,
  };
}
