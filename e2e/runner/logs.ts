/**
 * Checks what a scenario expects of the instance itself: lines of its output and its logs, nginx.conf, and its workers.
 */
import { confIn } from './conf.ts';
import { linesOf } from './growing-log.ts';
import { until } from './instance.ts';
import { lineSearch } from './line-search.ts';
import { isDraining, masterOf, workersOf } from './processes.ts';
import type { Scenario } from './scenario.ts';
import { replaceTexts } from './variant.ts';
import type { Variant } from './variant.ts';

/** What is checked in addition to the responses. */
export interface Observed {
  readonly runDir: string;
  /** The controller's output. */
  readonly lines: readonly string[];
}

/**
 * How many milliseconds to wait for a line. `long` is for lines that are expected: the whole time passes only if the
 * test fails; a busy machine may need it. `short` is for lines that are not expected.
 */
const PATIENCE = { long: 10_000, short: 400 };

interface Lines {
  readonly what: string;
  /**
   * Returns all lines written so far. The array grows as lines are added; if the log file is replaced, a new array is
   * returned.
   */
  readonly read: () => readonly string[];
  /** The index of the first line to look at; earlier lines are ignored. */
  readonly from?: number;
}

/**
 * Waits for a line that matches each pattern. NGINX writes a line only after the response; therefore the function also
 * waits for a line that must not appear (if `wanted` is false).
 */
async function lineDifferences(
  patterns: readonly string[],
  { what, read, from = 0 }: Lines,
  wanted: boolean,
  timeout: number,
): Promise<string[]> {
  const found = patterns.map(async (pattern) => {
    const expression = new RegExp(pattern);
    const search = lineSearch(expression, from);
    const matched = await until('', () => search(read()) !== undefined, timeout).then(
      () => true,
      () => false,
    );
    if (matched === wanted) return [];
    if (!wanted) return [`${what}: a line matches ${expression}`];
    return [`${what}: no line matches ${expression}; the last lines: ${read().slice(-8).join('\n')}`];
  });
  return (await Promise.all(found)).flat();
}

function confDifferences(scenario: Scenario, { host }: Variant, { runDir }: Observed): string[] {
  if (scenario.conf.length + scenario.nginxConf.length === 0) return [];
  const conf = confIn(runDir);
  const text = conf.serverText(host);
  const lacking = (patterns: readonly string[], where: string) =>
    patterns.filter((pattern) => !new RegExp(pattern, 'm').test(where));
  return [
    ...lacking(scenario.conf, text).map((each) => `nginx.conf: the server of ${host} does not match ${each}:\n${text}`),
    ...lacking(scenario.nginxConf, conf.text).map((each) => `nginx.conf does not match ${each}`),
  ];
}

/** The values of a scenario that may contain placeholders. */
function expectedOf({ log, accessLog, accessLogAbsent, errorLog, logs, syslog, conf, nginxConf }: Scenario) {
  return { log, accessLog, accessLogAbsent, errorLog, logs, syslog, conf, nginxConf };
}

/**
 * The differences between the scenario and the instance, whose output is checked from line `from` on. A control must
 * differ, so the function waits only briefly for lines that must appear, and longer for lines that must not appear.
 */
export async function checkInstance(
  written: Scenario,
  variant: Variant,
  instance: Observed,
  from: number,
  isControl: boolean,
): Promise<string[]> {
  const wait = isControl ? PATIENCE.short : PATIENCE.long;
  const absentWait = isControl ? PATIENCE.long : PATIENCE.short;
  const scenario = { ...written, ...replaceTexts(expectedOf(written), variant.texts) };
  const expected = (patterns: readonly string[], lines: Lines) => lineDifferences(patterns, lines, true, wait);
  const logFile = (what: string, file: string): Lines => ({ what, read: () => linesOf(file) });
  const access = logFile('access log', `${instance.runDir}/run/access.log`);
  const found = await expected(scenario.log, { what: 'output', read: () => instance.lines, from });
  found.push(...(await expected(scenario.accessLog, access)));
  found.push(...(await lineDifferences(scenario.accessLogAbsent, access, false, absentWait)));
  found.push(...(await expected(scenario.errorLog, logFile('error log', `${instance.runDir}/run/error.log`))));
  for (const [file, patterns] of Object.entries(scenario.logs))
    found.push(...(await expected(patterns, logFile(file, file))));
  found.push(...(await expected(scenario.syslog, { what: 'syslog', read: () => variant.syslog.messages })));
  // nginx.conf can change without a request, for example when the controller has resolved a name.
  await until('', () => confDifferences(scenario, variant, instance).length === 0, wait).catch(() => undefined);
  found.push(...confDifferences(scenario, variant, instance));
  if (scenario.workers === undefined) return found;
  const master = masterOf(instance.runDir);
  const workers = master === undefined ? 0 : workersOf(master.pid).filter(({ pid }) => !isDraining(pid)).length;
  return workers === scenario.workers ? found : [...found, `${workers} workers run, not ${scenario.workers}`];
}
