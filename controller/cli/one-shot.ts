/** Builds the configuration for manifests once, for the commands `render` and `check`. */
import type { Build, Built } from '../app/build.ts';
import { buildSafely } from '../app/faults.ts';
import { type ReadingCounts, type ReadingOptions, readManifests, type RefusedIngress } from '../cluster/index.ts';
import type { Locator, Problem } from '../types/problem.ts';
import { buildWith, type BuildArguments, loadRender, renderOptions, type BuildSite } from './stages.ts';

export interface OneShot {
  readonly built: Built;
  readonly build: Build;
  /** Problems found while the manifests were read. */
  readonly readProblems: readonly Problem[];
  /** All Problems: of the manifests, of the templates and of the build. */
  readonly problems: readonly Problem[];
  /** Malformed Ingresses, which are not part of the build. */
  readonly refused: readonly RefusedIngress[];
  readonly locate: Locator;
  readonly counts: ReadingCounts;
}

interface OneShotOptions {
  /** Milliseconds since 1970: certificates that have expired or will soon expire at that time are reported. */
  readonly now?: number;
  readonly reading?: ReadingOptions;
}

/** A path that does not exist is a usage error, not a faulty manifest. */
export function isUsageProblem(problem: Problem): boolean {
  return problem.code === 'path-not-found';
}

/** Reads the manifests and builds the configuration, without writing files. */
export async function buildOnce(
  paths: readonly string[],
  given: BuildArguments,
  site: BuildSite,
  { now, reading }: OneShotOptions = {},
): Promise<OneShot> {
  const manifests = await readManifests(paths, reading);
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
    counts: manifests.counts,
  };
}
