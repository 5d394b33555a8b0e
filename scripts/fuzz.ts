/**
 * `npm run fuzz`: tries random and hostile text in everything that a tenant or an administrator can write: annotations,
 * settings, Secrets, ConfigMaps, hosts, paths, names, UIDs, labels, entries of TCP and UDP services. Every nginx.conf must keep the structure of its
 * templates, and nginx must accept it.
 *
 *   npm run fuzz                             2,000,000 texts, as every night; takes about an hour
 *   npm run fuzz -- --cases 20000            fewer texts
 *   npm run fuzz -- --seed 7                 other texts; the same seed always gives the same texts
 *   npm run fuzz -- --only names             one kind: annotations, settings, objects, names, entries
 *
 * Prints what was tried about once a minute. Exit code 1: something was found; it is printed at once, with the seed
 * that repeats it. Exit code 2: wrong usage.
 */
import { parseArgs } from 'node:util';
import { type EntriesTally, newEntriesTally, tryEntries } from '../controller/golden/values/entries-property.ts';
import { makeMaterials } from '../controller/golden/values/contents.ts';
import { type NamesTally, newNamesTally, tryNames } from '../controller/golden/values/names-property.ts';
import { type Judge, startJudge } from '../controller/golden/values/nginx.ts';
import { type Found, tryObjects } from '../controller/golden/values/objects-property.ts';
import { newTally, type Tally, tryAnnotations, trySettings } from '../controller/golden/values/property.ts';
import { errorText } from '../controller/types/error-text.ts';

export interface FuzzOptions {
  readonly cases: number;
  readonly seed: number;
  readonly only?: string | undefined;
}

/** Tries one batch; returns the number of texts. */
type Try = (seed: number) => Promise<number>;

const USAGE =
  'usage: npm run fuzz -- [--cases NUMBER] [--seed NUMBER] [--only annotations|settings|objects|names|entries]';
const SAY_MS = 60_000;

interface Batches {
  readonly tries: ReadonlyMap<string, Try>;
  /** What was found so far, each with the seed that repeats it. */
  readonly findings: () => readonly string[];
  /** Number of `nginx -t` runs. */
  readonly tests: () => number;
}

function batches(judge: Judge): Batches {
  const findings: string[] = [];
  const values: Tally = newTally();
  const found: Found = { sites: 0, tests: 0, files: 0, refused: [] };
  const names: NamesTally = newNamesTally();
  const entries: EntriesTally = newEntriesTally();
  const materials = makeMaterials();
  /** Moves what a batch has found to `findings`. */
  const take = (kind: string, seed: number): void => {
    for (const list of [values.refused, values.silent, found.refused, names.refused, entries.refused, entries.changed])
      findings.push(...list.splice(0).map((text) => `${kind}, seed ${seed}: ${text}`));
    for (const set of [values.unknown, names.changed]) {
      findings.push(...[...set].map((text) => `${kind}, seed ${seed}: changes nginx.conf: ${text}`));
      set.clear();
    }
  };
  const counted = (kind: string, count: () => number, run: (seed: number) => Promise<void>): [string, Try] => [
    kind,
    async (seed) => {
      const before = count();
      await run(seed).catch((error: unknown) => {
        findings.push(`${kind}, seed ${seed}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
      });
      take(kind, seed);
      return count() - before;
    },
  ];
  return {
    tries: new Map([
      counted(
        'annotations',
        () => values.values,
        (seed) => tryAnnotations(judge, seed, 400, values),
      ),
      counted(
        'settings',
        () => values.values,
        (seed) => trySettings(judge, seed, seed % 2 === 0 ? 0.8 : 0.2, values),
      ),
      // A site has about ten random texts: hosts, and the content of a Secret and a ConfigMap.
      counted(
        'objects',
        () => found.sites * 10,
        (seed) => tryObjects(judge, materials, seed, 200, found),
      ),
      counted(
        'names',
        () => names.texts,
        (seed) => tryNames(judge, seed, 300, names),
      ),
      counted(
        'entries',
        () => entries.entries,
        (seed) => tryEntries(judge, seed, 100, entries),
      ),
    ]),
    findings: () => findings,
    tests: () => values.tests + found.tests + names.tests + entries.tests,
  };
}

/** Says and returns what was found: one message for each finding. */
export async function fuzz(
  { cases, seed, only }: FuzzOptions,
  say: (text: string) => void,
): Promise<readonly string[]> {
  const judge = await startJudge();
  try {
    const { tries, findings, tests } = batches(judge);
    const kinds = only === undefined ? [...tries] : [...tries].filter(([kind]) => kind === only);
    const started = performance.now();
    let [done, next, said] = [0, seed, started];
    const tell = () =>
      say(
        `${done} texts, ${tests()} runs of nginx -t, ${Math.round((performance.now() - started) / 1000)} s, ${findings().length} found`,
      );
    while (done < cases) {
      const before = findings().length;
      for (const [, run] of kinds) done += await run(next);
      for (const each of findings().slice(before)) say(each);
      next += 1;
      if (performance.now() - said < SAY_MS) continue;
      said = performance.now();
      tell();
    }
    tell();
    return findings();
  } finally {
    await judge.end();
  }
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { cases: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } },
  });
  const [cases, seed] = [Number(values.cases ?? 2_000_000), Number(values.seed ?? 1)];
  const isKnown = values.only === undefined || /^(annotations|settings|objects|names|entries)$/.test(values.only);
  if (!(cases > 0) || !Number.isInteger(seed) || !isKnown) {
    console.error(USAGE);
    return 2;
  }
  const found = await fuzz({ cases, seed, only: values.only }, console.log);
  return found.length > 0 ? 1 : 0;
}

if (import.meta.main)
  process.exitCode = await main().catch((error: unknown) => {
    console.error(`fuzz: ${errorText(error)}\n${USAGE}`);
    return 2;
  });
