/**
 * Checks random patterns, and compiles and matches accepted ones with PCRE: counts the accepted patterns, measures
 * their cost, and lists those that PCRE rejects.
 */
import { checkPathRegex, checkSearch } from '../../controller/model/values/regex/check.ts';
import { type Job, type Outcome, type Pcre, testLocations } from './pcre.ts';
import { randomFrom, randomRegex } from './random-regex.ts';
import { textsFor } from './texts.ts';

/** The slowest measurement, with its pattern and text. */
export interface Worst {
  readonly ms: number;
  readonly pattern: string;
  readonly text?: readonly string[];
}

export interface Trial {
  readonly patterns: number;
  readonly paths: number;
  readonly searches: number;
  /** Accepted patterns with a step limit, as a path or as a search. */
  readonly limited: number;
  readonly verdict: Worst;
  /** CPU time of all verdicts together, in ms. */
  readonly verdicts: number;
  /** Patterns whose cost was measured. */
  readonly searched: number;
  readonly conf: Worst;
  readonly lua: Worst;
  /** Accepted patterns that PCRE2, ngx.re or `nginx -t` rejects, with the message. */
  readonly refused: readonly string[];
  /** Accepted patterns whose match took longer than `slow` ms. */
  readonly slow: readonly string[];
}

export interface TrialSize {
  readonly patterns: number;
  /** The percentage of accepted patterns whose cost is measured. */
  readonly searched: number;
  /** The number of strings that each of these patterns is matched with. */
  readonly texts: number;
  readonly slow: number;
}

const LENGTH = 8192;
const BATCH = 400;
const LOCATIONS = 2000;
const NONE: Worst = { ms: 0, pattern: '' };

function worse(worst: Worst, ms: number, pattern: string, text?: readonly string[]): Worst {
  return ms <= worst.ms ? worst : { ms, pattern, ...(text !== undefined && { text: text.map(decoded) }) };
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1');
}

/** Milliseconds of CPU of this process. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Patterns that are judged before the first measurement. */
const WARM_UP = 5000;

interface Candidate {
  readonly job: Job;
  readonly path: boolean;
}

export async function tryRandom(
  pcre: Pcre,
  seed: number,
  size: TrialSize,
  say: (what: string) => void,
): Promise<Trial> {
  const random = randomFrom(seed);
  let [paths, searches, limited, searched, verdicts] = [0, 0, 0, 0, 0];
  let [verdict, conf, lua] = [NONE, NONE, NONE];
  const [refused, slow]: [string[], string[]] = [[], []];
  const waiting: Candidate[] = [];
  const locations: string[] = [];

  // In a running controller, V8 has optimized this code; without this, the first verdicts would measure V8's compilers.
  const others = randomFrom(seed + 1);
  for (let count = 0; count < WARM_UP; count += 1) checkPathRegex(`/${randomRegex(others)}`);

  function judged(pattern: string): readonly Candidate[] {
    const before = cpu();
    const path = checkPathRegex(`/${pattern}`);
    let took = cpu() - before;
    // A slow verdict is repeated with another pattern text, because other work may have used the processor.
    for (let again = 0; took > 4 && again < 6; again += 1) {
      const from = cpu();
      checkPathRegex(`/${'z'.repeat(again + 1)}${pattern}`);
      took = Math.min(took, cpu() - from);
    }
    verdicts += took;
    verdict = worse(verdict, took, pattern);
    const search = checkSearch(pattern);
    const texts = (text: string, lines: boolean) => textsFor(text, size.texts, random, lines);
    const isSearched = random() * 100 < size.searched;
    const found: Candidate[] = [];
    if (path.ok) {
      const written = `${path.limit}^${path.pattern}`;
      paths += 1;
      limited += path.limit === '' ? 0 : 1;
      locations.push(written);
      const job = { conf: written, lua: `${path.limit}${path.pattern}`, flags: 'aijos', length: LENGTH };
      found.push({ path: true, job: { ...job, texts: isSearched ? texts(`^${path.pattern}`, true) : [] } });
    }
    if (search.ok && pattern !== '') {
      searches += 1;
      limited += search.limit === '' ? 0 : 1;
      const job = { conf: search.pattern, lua: search.pattern, flags: 'jos', length: LENGTH };
      // A map of nginx matches a single line. A snippet in Lua matches several lines, with dots that match line feeds.
      found.push({ path: false, job: { ...job, texts: isSearched ? texts(pattern, false) : [] } });
      if (isSearched) {
        const dots = `${search.limit}(?s)${search.pattern.slice(search.limit.length)}`;
        found.push({ path: false, job: { ...job, conf: dots, texts: texts(pattern, true) } });
      }
    }
    return found.map(({ job, path: isPath }) => ({
      path: isPath,
      // As in nginx/lua/tidegate/values/pattern.lua, a pattern with a limit is not compiled by the JIT of PCRE.
      job: job.lua.startsWith('(*') ? { ...job, flags: job.flags.replace('j', '') } : job,
    }));
  }

  function note(list: string[], what: string): void {
    list.push(what);
    say(what.slice(0, 500));
  }

  function conclude({ job }: Candidate, outcome: Outcome): void {
    if (outcome.refused !== undefined) note(refused, `${job.conf}: PCRE2 error ${outcome.refused}`);
    if (outcome.luaRefused !== undefined) note(refused, `${job.lua}: ${outcome.luaRefused}`);
    searched += job.texts.length > 0 ? 1 : 0;
    conf = worse(conf, outcome.conf / 1e6, job.conf, outcome.confText);
    lua = worse(lua, outcome.lua / 1e6, job.lua, outcome.luaText);
    if (Math.max(outcome.conf, outcome.lua) / 1e6 > size.slow)
      note(slow, `${job.conf}: ${(outcome.conf / 1e6).toFixed(1)} ms, ngx.re ${(outcome.lua / 1e6).toFixed(1)} ms`);
  }

  async function tryBatch(batch: readonly Candidate[]): Promise<void> {
    const outcomes = await pcre.run(batch.map(({ job }) => job));
    for (const [at, candidate] of batch.entries()) {
      const outcome = outcomes[at];
      if (outcome !== undefined) conclude(candidate, outcome);
    }
  }

  async function tryLocations(patterns: readonly string[]): Promise<void> {
    const said = await testLocations(patterns);
    if (said !== undefined) note(refused, said);
  }

  /** NGINX tests accepted patterns while the next patterns are checked. */
  let [matching, testing] = [Promise.resolve(), Promise.resolve()];

  async function flush(least: number): Promise<void> {
    while (waiting.length > least) {
      await matching;
      matching = tryBatch(waiting.splice(0, BATCH));
    }
    while (locations.length > (least === 0 ? 0 : LOCATIONS)) {
      await testing;
      testing = tryLocations(locations.splice(0, LOCATIONS));
    }
    if (least === 0) await Promise.all([matching, testing]);
  }

  for (let done = 0; done < size.patterns; done += 1) {
    waiting.push(...judged(randomRegex(random)));
    await flush(BATCH);
    if (done % 50_000 === 49_999)
      say(
        `${done + 1} patterns: ${refused.length} accepted patterns rejected by PCRE, ${slow.length} of ${searched} slow, ` +
          `verdicts: mean ${(verdicts / done).toFixed(3)} ms, slowest ${verdict.ms.toFixed(1)} ms; slowest matches: ` +
          `${conf.ms.toFixed(1)} ms in a location, ${lua.ms.toFixed(1)} ms with ngx.re`,
      );
  }
  await flush(0);
  return { patterns: size.patterns, paths, searches, limited, verdict, verdicts, searched, conf, lua, refused, slow };
}
