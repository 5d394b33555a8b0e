import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createPair } from '../app/fallback-certificate.ts';
import { buildSafely } from '../app/faults.ts';
import { createQuarantine } from '../app/quarantine.ts';
import { createRefusals, helpless } from '../app/refusals.ts';
import { annotationProblems } from '../model/ingress/annotation-problems.ts';
import { ingressesOfOthers } from '../model/ingress/ingress-class.ts';
import { createNginx, http3Obstacle, readCapabilities, readRelease } from '../nginx/index.ts';
import { placeOf, problemText } from '../report/problem-text.ts';
import type { Capabilities } from '../types/nginx.ts';
import type { Locator, Place, Problem } from '../types/problem.ts';
import type { Arguments } from './flag-values.ts';
import { buildOnce, isUsageProblem, type OneShot } from './one-shot.ts';
import { problemJson } from './problem-json.ts';
import { linkCode, START_COMMAND, thisMachine } from './stages.ts';

/**
 * Tests the configuration with `nginx -t`. Returns all Problems, including one for each Ingress and each ConfigMap
 * value that nginx refuses.
 */
async function askNginx(
  { built, build, readProblems }: OneShot,
  capabilities: Capabilities,
  runDir: string,
): Promise<readonly Problem[]> {
  const nginx = createNginx({ runDir, startCommand: START_COMMAND, capabilities });
  await nginx.open();
  await linkCode(runDir);
  try {
    const state = createQuarantine(build.options.configMap);
    const overrides = () => ({ ...built.overrides, ...state.leftOut() });
    const { decide } = createRefusals({ build, nginx, state, overrides });
    let target = built;
    for (;;) {
      const tested = await nginx.check(target.artifact);
      if (tested.ok) return [...readProblems, ...target.problems];
      const owners = tested.line === undefined ? [] : target.artifact.ownersOfLine(tested.line);
      const refused = { kind: 'refused' as const, check: tested, owners };
      const decided = await decide({ target, refused, good: new Map(), budgetMs: Infinity, starting: true });
      if (decided !== 'left-out') return [...readProblems, ...target.problems, refusedAsAWhole(tested.message)];
      target = buildSafely(build, target.snapshot, overrides());
    }
  } finally {
    await nginx.release();
  }
}

function refusedAsAWhole(message: string): Problem {
  return {
    code: 'refused-by-nginx',
    severity: 'error',
    effect: 'quarantined',
    message: helpless(message),
  };
}

/**
 * Errors in the annotations of malformed Ingresses. These Ingresses are not part of the build, but their authors should
 * see all errors at once.
 */
function inRefused({ refused, built, build }: OneShot): Problem[] {
  const options = { ...build.options, ...built.overrides };
  return refused.flatMap(({ ref: { namespace, name }, annotations }) => {
    const values = Object.fromEntries([...annotations].map(([full, { value }]) => [full, value]));
    const metadata = { namespace, name, annotations: values };
    return annotationProblems({ metadata }, built.snapshot, options).map((problem) => {
      const place = annotations.get(String(problem.field?.at(-1)))?.place;
      return { ...problem, effect: 'none', ...(place !== undefined && { place }) } as const;
    });
  });
}

/** Sorts Problems by file and line. Problems without a place come last. */
function inOrder(problems: readonly Problem[], locate: Locator): readonly Problem[] {
  const placed = problems.map((problem) => ({ problem, place: placeOf(problem, locate) }));
  const compare = (a: Place | undefined, b: Place | undefined): number => {
    if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
    if (a.file !== b.file) return a.file < b.file ? -1 : 1;
    return a.line - b.line || a.column - b.column;
  };
  return placed.sort((a, b) => compare(a.place, b.place)).map(({ problem }) => problem);
}

const OF_OTHERS = new Set(['foreign-ingress-class', 'missing-ingress-class']);

/** The last line of the report, with the number of Problems of each severity. */
function summary(problems: readonly Problem[], strict: boolean, tested: boolean): string {
  const counted = (severity: Problem['severity']): string => {
    const count = problems.filter((problem) => problem.severity === severity).length;
    return `${count} ${severity}${count === 1 ? '' : 's'}`;
  };
  const nginx = tested
    ? 'nginx -t tested the configuration'
    : 'nginx with its Lua module is not installed, so nginx -t did not test the configuration';
  const notices = strict ? `${counted('notice')} (notices count as errors)` : counted('notice');
  const others = problems.filter(({ code }) => OF_OTHERS.has(code)).length;
  const unserved =
    others === 0 ? '' : `; ${others} ${others === 1 ? 'Ingress' : 'Ingresses'} of other classes, not served`;
  return `${counted('error')}, ${counted('warning')}, ${notices}${unserved}; ${nginx}`;
}

/**
 * `tidegate check`: prints every Problem with its file and line. Returns 1 if there are errors or, with --strict,
 * notices.
 */
export async function check(paths: readonly string[], given: Arguments<'check'>): Promise<number> {
  const installed = await readCapabilities();
  // NGINX is only tested and not started, so the folder need not be accessible to the workers' user.
  const capabilities = 'missing' in installed ? undefined : { ...installed, user: null };
  const runDir = await mkdtemp(path.join(tmpdir(), 'tidegate-check-'));
  try {
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
    const result = await buildOnce(paths, given, site, Date.now());
    const found = capabilities === undefined ? result.problems : await askNginx(result, capabilities, runDir);
    const others = ingressesOfOthers(result.built.snapshot, result.build.options);
    const problems = inOrder([...found, ...inRefused(result), ...others], result.locate);
    if (given.output === 'json') {
      const listed = problems.map((problem) => problemJson(problem, result.locate));
      process.stdout.write(`${JSON.stringify({ problems: listed, nginx: capabilities?.version ?? null }, null, 2)}\n`);
    } else {
      for (const problem of problems) console.log(`${problem.severity}: ${problemText(problem, result.locate)}`);
      console.log(summary(problems, given.strict, capabilities !== undefined));
    }
    if (problems.some(isUsageProblem)) return 2;
    const failing = problems.filter(({ severity }) => severity === 'error' || (given.strict && severity === 'notice'));
    return failing.length > 0 ? 1 : 0;
  } finally {
    await rm(runDir, { recursive: true, force: true });
  }
}
