/** Manifests → Assembly, once: what `render` and `check` share. */
import type { Assemble, Assembly } from '../app/assembly.ts';
import type { CertificatePair } from '../app/fallback-certificate.ts';
import { assembleSafely } from '../app/faults.ts';
import { readManifests, type RefusedIngress } from '../cluster/index.ts';
import type { Capabilities } from '../types/nginx.ts';
import type { Locator, Problem } from '../types/problem.ts';
import type { ModelArguments } from './arguments.ts';
import { assembleWith, BUILT_IN_TEMPLATES, loadRender, renderOptions } from './stages.ts';

export interface OneShot {
  readonly assembly: Assembly;
  readonly assemble: Assemble;
  /** What is wrong with the manifests themselves, and then what the build says. */
  readonly readProblems: readonly Problem[];
  readonly problems: readonly Problem[];
  /** Ingresses that are malformed. */
  readonly refused: readonly RefusedIngress[];
  readonly locate: Locator;
}

/** A path that does not exist is a wrong usage, not a faulty manifest. */
export function isUsageProblem(problem: Problem): boolean {
  return problem.code === 'path-not-found';
}

/** `runDirectory` is what the conf will name; nothing is written there. `certificate` is for names without one. */
export async function assembleOnce(
  paths: readonly string[],
  given: ModelArguments,
  capabilities: Pick<Capabilities, 'http2Directive' | 'modules' | 'brotli' | 'headersMore' | 'ipv6' | 'user'>,
  runDirectory: string,
  certificate: CertificatePair,
): Promise<OneShot> {
  const manifests = await readManifests(paths);
  const options = renderOptions(given, capabilities, runDirectory, certificate);
  const render = await loadRender(given.templateDir ?? BUILT_IN_TEMPLATES, options);
  const assemble = assembleWith(given, certificate, capabilities, () => render);
  const assembly = assembleSafely(assemble, manifests.snapshot, {
    quarantine: new Map(),
    resolvedNames: new Map(),
    now: Date.now(),
  });
  return {
    assembly,
    assemble,
    readProblems: manifests.problems,
    problems: [...manifests.problems, ...assembly.problems],
    refused: manifests.refused,
    locate: manifests.locate,
  };
}
