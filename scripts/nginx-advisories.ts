/**
 * Updates the fixed versions of Debian's packages in controller/nginx/advisories.json:
 *
 *   node scripts/nginx-advisories.ts FILE|URL
 *
 * FILE or URL is the data of Debian's security tracker (https://security-tracker.debian.org/tracker/data/json). Prints
 * what has changed. Exit code 1: the tracker has vulnerabilities of nginx that the list lacks; somebody has to find out
 * which directives reach them, and add them by hand. Exit code 2: the data cannot be read.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compareDebianVersions } from '../controller/nginx/debian-version.ts';
import type { Advisory, AdvisoryList } from '../controller/nginx/advisories.ts';
import { errorText } from '../controller/types/error-text.ts';

const LIST = fileURLToPath(new URL('../controller/nginx/advisories.json', import.meta.url));

/** Debian releases with an NGINX that Tidegate supports → the first version of the package in the release. */
const SUITES = new Map([
  ['bookworm', '1.22.1-9'],
  ['trixie', '1.26.3-3'],
]);
const TRACKER = 'https://security-tracker.debian.org/tracker/data/json';

interface TrackedRelease {
  readonly status: 'resolved' | 'open' | 'undetermined';
  /** `0`: the release was never affected. */
  readonly fixed_version?: string;
}
interface Tracked {
  readonly description?: string;
  readonly releases: Readonly<Record<string, TrackedRelease>>;
}
/** Package → id of the vulnerability → what the tracker knows about it. */
type Tracker = Readonly<Record<string, Readonly<Record<string, Tracked>>>>;

export interface Updated {
  readonly list: AdvisoryList & Readonly<Record<string, unknown>>;
  /** `CVE-2026-42055 trixie: 1.26.3-3+deb13u7 (was null)` */
  readonly changes: readonly string[];
  /** Vulnerabilities that the list lacks, with their descriptions. */
  readonly missing: readonly string[];
}

/**
 * The first fixed version in a suite, or null if there is no fix yet, as in the list; undefined if that is not known.
 */
function fixedIn(tracked: Tracked, suite: string): string | null | undefined {
  const found = tracked.releases[suite];
  if (found === undefined || found.status === 'undetermined') return undefined;
  return found.status === 'open' ? null : found.fixed_version;
}

/** Whether the packages of a supported Debian release have, or had, the vulnerability. */
function concernsUs(tracked: Tracked): boolean {
  return [...SUITES].some(([suite, first]) => {
    const fixed = fixedIn(tracked, suite);
    return fixed === null || (fixed !== undefined && compareDebianVersions(fixed, first) > 0);
  });
}

/** Throws an Error that says what is wrong if the data is not that of the tracker. */
export function updated(list: Updated['list'], tracker: unknown, today: string): Updated {
  const nginx = (tracker as Tracker | null)?.['nginx'];
  if (nginx === undefined || typeof nginx !== 'object')
    throw new Error(`the data has no package nginx; expected the JSON of ${TRACKER}`);
  const changes: string[] = [];
  const advisories = list.advisories.map((advisory): Advisory => {
    const tracked = nginx[advisory.id];
    if (tracked?.releases === undefined) return advisory;
    const debian: Record<string, string | null> = { ...advisory.debian };
    for (const suite of SUITES.keys()) {
      const fixed = fixedIn(tracked, suite);
      if (fixed === undefined || fixed === debian[suite]) continue;
      changes.push(`${advisory.id} ${suite}: ${fixed ?? 'not fixed'} (was ${debian[suite] ?? 'not fixed'})`);
      debian[suite] = fixed;
    }
    return { ...advisory, debian };
  });
  const known = new Set(advisories.map(({ id }) => id));
  const missing = Object.entries(nginx)
    .filter(([id, tracked]) => id.startsWith('CVE-') && !known.has(id) && concernsUs(tracked))
    .map(([id, { description = 'no description' }]) => `${id}: ${description}`);
  return { list: { ...list, updated: today, advisories }, changes, missing };
}

async function readData(source: string): Promise<unknown> {
  if (!/^https?:/.test(source)) return JSON.parse(readFileSync(source, 'utf8'));
  const response = await fetch(source, { signal: AbortSignal.timeout(120_000) });
  if (!response.ok) throw new Error(`${source} answered ${response.status}`);
  return response.json();
}

/** Returns the exit code. `list` is the file to update. */
export async function main(source: string | undefined, list = LIST, say = console.log): Promise<number> {
  if (source === undefined) {
    say(`usage: node scripts/nginx-advisories.ts FILE|URL, for example ${TRACKER}`);
    return 2;
  }
  try {
    const before = JSON.parse(readFileSync(list, 'utf8')) as Updated['list'];
    const result = updated(before, await readData(source), new Date().toISOString().slice(0, 10));
    writeFileSync(list, `${JSON.stringify(result.list, null, 2)}\n`);
    for (const change of result.changes) say(change);
    for (const each of result.missing) say(`not in the list: ${each}`);
    say(`${result.changes.length} changed, ${result.missing.length} to add`);
    return result.missing.length > 0 ? 1 : 0;
  } catch (error) {
    say(`nginx-advisories: ${errorText(error)}`);
    return 2;
  }
}

if (import.meta.main) process.exitCode = await main(process.argv[2]);
