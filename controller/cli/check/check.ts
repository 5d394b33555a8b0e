/** `tidegate check`: reads manifests, builds the configuration for them, and reports what is wrong. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPair } from '../../app/fallback-certificate.ts';
import { annotationProblems } from '../../model/ingress/annotation-problems.ts';
import { ingressesOfOthers } from '../../model/ingress/ingress-class.ts';
import { http3Obstacle, readCapabilities, readRelease } from '../../nginx/index.ts';
import { placeOf } from '../../report/problem-text.ts';
import type { Capabilities } from '../../types/nginx.ts';
import type { Locator, Place, Problem } from '../../types/problem.ts';
import type { Arguments } from '../flag-values.ts';
import { malformedIngress } from '../malformed-ingress.ts';
import { buildOnce, isUsageProblem, type OneShot } from '../one-shot.ts';
import { thisMachine } from '../stages.ts';
import { filesAmong, isStandardInput, readStandardInput } from '../standard-input.ts';
import { fails, problemsToReport } from './judge.ts';
import { askNginx } from './nginx-test.ts';
import { type CheckReport, printCheck } from './output.ts';
import { addCounts, type CheckCounts, countsOf, NO_COUNTS } from './counts.ts';

/**
 * Errors in the annotations of malformed Ingresses. These Ingresses are not part of the build, but their authors should
 * see all errors at once.
 */
function inRefused({ refused, built, build }: OneShot): Problem[] {
  const options = { ...build.options, ...built.overrides };
  return refused.flatMap((each) =>
    annotationProblems(malformedIngress(each), built.snapshot, options).map((problem) => {
      const place = each.annotations.get(String(problem.field?.at(-1)))?.place;
      return { ...problem, effect: 'none', ...(place !== undefined && { place }) } as const;
    }),
  );
}

/** Sorts Problems by file and line. Problems without a place come last. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const compare = (a: Place | undefined, b: Place | undefined): number => {
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    if (a.file !== b.file) return a.file < b.file ? -1 : 1;
    return a.line - b.line || a.column - b.column;
  };
  return [...problems].sort((a, b) => compare(a.place, b.place));
}

/** The Problem with its place, which no longer depends on the manifests of one cluster. */
function placed(problem: Problem, locate: Locator): Problem {
  const place = placeOf(problem, locate);
  return place === undefined ? problem : { ...problem, place };
}

/** What is the same for all clusters: the NGINX for which the manifests are checked, and standard input. */
interface Bench {
  readonly capabilities: Capabilities | undefined;
  readonly runDir: string;
  readonly stdin: ReadonlyMap<string, Buffer>;
}

/** Checks the manifests of one cluster. */
async function checkCluster(
  paths: readonly string[],
  given: Arguments<'check'>,
  { capabilities, runDir, stdin }: Bench,
): Promise<{ readonly problems: readonly Problem[]; readonly counts: CheckCounts }> {
  const typical = {
    http2Directive: true,
    modules: [],
    brotli: [],
    headersMore: [],
    stream: [],
    ipv6: false,
    user: null,
  };
  // Without NGINX, the manifests are checked for the NGINX of the image, which serves HTTP/3.
  const obstacle =
    capabilities === undefined
      ? null
      : http3Obstacle(capabilities, await readRelease(capabilities.binary, capabilities.version));
  const site = thisMachine(capabilities ?? typical, runDir, await createPair(), obstacle);
  const own = paths.some(isStandardInput) ? stdin : new Map<string, Buffer>();
  const reading = { repository: true, given: own };
  const result = await buildOnce(filesAmong(paths), given, site, { now: Date.now(), reading });
  const found = capabilities === undefined ? result.problems : await askNginx(result, capabilities, runDir);
  const others = ingressesOfOthers(result.built.snapshot, result.build.options);
  const all = [...found, ...inRefused(result), ...others];
  return {
    problems: problemsToReport(all, given.complete).map((problem) => placed(problem, result.locate)),
    counts: countsOf(result, all),
  };
}

/** Without repetitions: with --each, a file may belong to several clusters. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}

/** `tidegate check`: prints every Problem with its file and line. Returns 1 if one of them fails the check. */
export async function check(paths: readonly string[], given: Arguments<'check'>, version: string): Promise<number> {
  const installed = await readCapabilities();
  // NGINX is only tested and not started, so the folder need not be accessible to the workers' user.
  const capabilities = 'missing' in installed ? undefined : { ...installed, user: null };
  const stdin = await readStandardInput(paths);
  let counts = NO_COUNTS;
  const found: Problem[] = [];
  for (const cluster of given.each ? paths.map((each) => [each]) : [paths]) {
    const runDir = await mkdtemp(path.join(tmpdir(), 'tidegate-check-'));
    try {
      const checked = await checkCluster(cluster, given, { capabilities, runDir, stdin });
      found.push(...checked.problems);
      counts = addCounts(counts, checked.counts);
    } finally {
      await rm(runDir, { recursive: true, force: true });
    }
  }
  const problems = inOrder(distinct(found));
  const report: CheckReport = { problems, counts, given, nginx: capabilities?.version ?? null, version };
  process.stdout.write(printCheck(report));
  if (problems.some(isUsageProblem)) return 2;
  return problems.some((problem) => fails(problem, given)) ? 1 : 0;
}
