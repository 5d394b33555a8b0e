/**
 * Known vulnerabilities of the installed NGINX that requests can reach through the generated nginx.conf. The list is
 * advisories.json, which scripts/nginx-advisories.ts updates. Snippets of the administrator may make other
 * vulnerabilities reachable.
 */
import type { Problem } from '../types/problem.ts';
import list from './advisories.json' with { type: 'json' };
import { compareDebianVersions } from './debian-version.ts';
import type { NginxRelease } from './nginx-release.ts';

export interface Advisory {
  readonly id: string;
  readonly title: string;
  /** First affected release; undefined: all. */
  readonly introduced?: string;
  /** The first fixed release of each branch. */
  readonly fixed: readonly string[];
  /** Codename → first fixed version of the package; `0`: never affected; null: not fixed yet. */
  readonly debian: Readonly<Record<string, string | null>>;
  /** Directives of nginx.conf through which requests reach the vulnerability. */
  readonly reach?: readonly string[];
  /** Directives, some with an argument, that nginx.conf never has, so that requests cannot reach the vulnerability. */
  readonly absent?: readonly string[];
  /** Directives, some with an argument, that nginx.conf has only if this NGINX has the fix. */
  readonly withheld?: readonly string[];
}

export interface AdvisoryList {
  /** The day of the last update: `2026-11-30`. */
  readonly updated: string;
  readonly advisories: readonly Advisory[];
}

export const ADVISORIES: AdvisoryList = list;

function parts(version: string): readonly [branch: number, patch: number] {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return [major * 1000 + minor, patch];
}

/**
 * Whether a release of NGINX itself is affected. An odd branch (mainline) is developed beside the even branch before it
 * (stable). So if only a stable release is known to be fixed, the mainline branch beside it counts as affected.
 */
function isAffectedRelease({ introduced = '0.0.0', fixed }: Advisory, version: string): boolean {
  const [branch, patch] = parts(version);
  const [since, sincePatch] = parts(introduced);
  if (branch < since || (branch === since && patch < sincePatch)) return false;
  const same = fixed.map(parts).find(([each]) => each === branch);
  if (same !== undefined) return patch < same[1];
  const newest = Math.max(...fixed.map((each) => parts(each)[0]));
  return branch < newest || (branch === newest + 1 && branch % 2 === 1);
}

/** The first fixed version of the package, or null; undefined if only NGINX's own version can be compared. */
function fixedPackage({ debian }: Advisory, release: NginxRelease): string | null | undefined {
  const suite = release.package?.debian;
  return suite === undefined ? undefined : debian[suite];
}

function isAffected(advisory: Advisory, release: NginxRelease): boolean {
  const fixed = fixedPackage(advisory, release);
  if (fixed === undefined) return isAffectedRelease(advisory, release.version);
  return fixed === null || compareDebianVersions(release.package?.version ?? '', fixed) < 0;
}

/** The advisories that affect this release and that requests can reach. */
export function knownAdvisories(release: NginxRelease, { advisories }: AdvisoryList = ADVISORIES): readonly Advisory[] {
  return advisories.filter((each) => (each.reach ?? []).length > 0 && isAffected(each, release));
}

/** `NGINX 1.26.3 (package 1.26.3-3+deb13u11 of Debian trixie)` */
export function releaseText({ version, package: of }: NginxRelease): string {
  if (of === undefined) return `NGINX ${version}`;
  const maker = of.debian === undefined ? 'a distribution other than Debian' : `Debian ${of.debian}`;
  return `NGINX ${version} (package ${of.version} of ${maker})`;
}

/** The advisories that affect this release, and because of which a directive is withheld from nginx.conf. */
export function withheldBecause(
  directive: string,
  release: NginxRelease,
  { advisories }: AdvisoryList = ADVISORIES,
): readonly Advisory[] {
  return advisories.filter((each) => each.withheld?.includes(directive) === true && isAffected(each, release));
}

/** Which version has the fix of an advisory: `fixed in package 1.26.3-3+deb13u11` */
export function remedyText(advisory: Advisory, release: NginxRelease): string {
  const inPackage = fixedPackage(advisory, release);
  if (inPackage === undefined) return `fixed in NGINX ${advisory.fixed.join(' and ')}`;
  return inPackage === null ? 'this Debian release has no fix yet' : `fixed in package ${inPackage}`;
}

/** One warning for each advisory. */
export function advisoryProblems(
  release: NginxRelease,
  known: readonly Advisory[],
  { updated }: AdvisoryList = ADVISORIES,
): readonly Problem[] {
  return known.map((advisory) => {
    const { id, title, reach = [] } = advisory;
    return {
      code: 'nginx-advisory',
      severity: 'warning',
      effect: 'none',
      value: id,
      message:
        `${releaseText(release)} has the vulnerability ${id}: ${title}; requests can reach it through ` +
        `${reach.join(', ')} in nginx.conf; ${remedyText(advisory, release)}${doubt(advisory, release)} (list of ${updated})`,
    };
  });
}

/** A note if it is unknown whether the package has the fix: the fixes in packages are known only for Debian. */
function doubt(advisory: Advisory, release: NginxRelease): string {
  if (release.package === undefined || fixedPackage(advisory, release) !== undefined) return '';
  return '; whether the maker of this package has added the fix is not known';
}

/** One line about the release, for the log. */
export function advisoriesText(
  release: NginxRelease,
  known: readonly Advisory[],
  { updated }: AdvisoryList = ADVISORIES,
): string {
  const count = known.length === 0 ? 'no' : `${known.length}`;
  const noun = known.length > 1 ? 'vulnerabilities' : 'vulnerability';
  return `${releaseText(release)}: ${count} known ${noun} that requests can reach (list of ${updated})`;
}
