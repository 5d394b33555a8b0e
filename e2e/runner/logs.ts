/** What a scenario expects of the instance itself: lines of its output, of the access log, its workers. */
import { readFileSync } from 'node:fs';
import { serverText } from './conf.ts';
import { until } from './instance.ts';
import { isDraining, masterOf, workersOf } from './processes.ts';
import type { Scenario } from './scenario.ts';
import { replaceTexts } from './variant.ts';
import type { Variant } from './variant.ts';

/** What is looked at beside the answers. */
export interface Observed {
  readonly runDir: string;
  /** What the controller printed. */
  readonly lines: readonly string[];
}

/** Where the access log goes: NGINX's stdout, which the run directory keeps. */
function readAccessLog(instance: Observed): string[] {
  return readFileSync(`${instance.runDir}/run/access.log`, 'utf8').split('\n');
}

async function missing(patterns: readonly string[], what: string, lines: () => readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of patterns) {
    const expression = new RegExp(pattern);
    await until('', () => lines().some((line) => expression.test(line)), 1500).catch(() => {
      found.push(`${what}: no line matches ${expression}; the last lines: ${lines().slice(-8).join('\n')}`);
    });
  }
  return found;
}

function confDifferences(patterns: readonly string[], { host }: Variant, { runDir }: Observed): string[] {
  if (patterns.length === 0) return [];
  const text = serverText(readFileSync(`${runDir}/conf/nginx.conf`, 'utf8'), host);
  return patterns
    .filter((pattern) => !new RegExp(pattern, 'm').test(text))
    .map((pattern) => `nginx.conf: the server of ${host} does not match ${pattern}:\n${text}`);
}

/** Differences between what the scenario says about the instance and what is; its output counts from line `from`. */
export async function checkInstance(
  scenario: Scenario,
  variant: Variant,
  instance: Observed,
  from: number,
): Promise<string[]> {
  const texts = { NAMESPACE: variant.namespace, HOST: variant.host };
  const found = await missing(replaceTexts(scenario.log, texts), 'output', () => instance.lines.slice(from));
  found.push(...(await missing(replaceTexts(scenario.accessLog, texts), 'access log', () => readAccessLog(instance))));
  found.push(...confDifferences(scenario.conf, variant, instance));
  if (scenario.workers === undefined) return found;
  const master = masterOf(instance.runDir);
  const workers = master === undefined ? 0 : workersOf(master.pid).filter(({ pid }) => !isDraining(pid)).length;
  return workers === scenario.workers ? found : [...found, `${workers} workers run, not ${scenario.workers}`];
}
