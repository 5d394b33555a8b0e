/** Which vulnerabilities a release of NGINX has, and whether the generated nginx.conf reaches them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { ADVISORIES, type Advisory, advisoriesText, advisoryProblems, knownAdvisories } from './advisories.ts';
import { compareDebianVersions } from './debian-version.ts';
import { type NginxRelease, readRelease } from './nginx-release.ts';

const ids = (release: NginxRelease, advisories: readonly Advisory[] = ADVISORIES.advisories) =>
  knownAdvisories(release, { ...ADVISORIES, advisories }).map(({ id }) => id);
const debian = (version: string, suite: string | undefined): NginxRelease => ({
  version: version.replace(/-.*/, ''),
  package: { version, debian: suite },
});

test('current packages of Debian have no vulnerability that can be reached, and older ones have those fixed since', () => {
  expect(ids(debian('1.22.1-9+deb12u11', 'bookworm'))).toEqual([]);
  expect(ids(debian('1.26.3-3+deb13u11', 'trixie'))).toEqual([]);
  expect(ids(debian('1.26.3-3+deb13u9', 'trixie'))).toEqual(
    expect.arrayContaining(['CVE-2026-93479', 'CVE-2026-97629', 'CVE-2026-123633']),
  );
  // Advisories whose directives nginx.conf does not have are not reported.
  expect(ids(debian('1.26.3-3+deb13u4', 'trixie'))).not.toContain('CVE-2026-42945');
  // The version of NGINX alone says nothing: the first package of Debian 12 has every vulnerability, the last one has
  // none.
  expect(ids(debian('1.22.1-9', 'bookworm'))).toEqual(
    expect.arrayContaining(['CVE-2023-44487', 'CVE-2025-23419', 'CVE-2026-42055', 'CVE-2026-42533']),
  );
  expect(ids(debian('1.22.1-9', 'bookworm'))).not.toContain('CVE-2026-97629');
});

const made = (fields: Partial<Advisory>): Advisory => ({
  id: 'CVE-1',
  title: 'x',
  fixed: ['1.30.3', '1.31.2'],
  debian: {},
  reach: ['map'],
  ...fields,
});

test.each<[string, Partial<Advisory>, boolean]>([
  ['1.30.2', {}, true],
  ['1.30.3', {}, false],
  ['1.31.1', {}, true],
  ['1.31.2', {}, false],
  ['1.32.0', {}, false],
  ['1.29.9', {}, true],
  ['1.22.1', {}, true],
  ['1.22.1', { introduced: '1.22.2' }, false],
  ['1.24.0', { introduced: '1.25.0' }, false],
  ['1.25.0', { introduced: '1.25.0' }, true],
  // Only a stable release is known to be fixed: that says nothing about the mainline branch beside it.
  ['1.31.9', { fixed: ['1.30.6'] }, true],
  ['1.32.0', { fixed: ['1.30.6'] }, false],
  ['2.0.0', {}, false],
])('NGINX %s without a package, advisory %j: affected %s', (version, fields, affected) => {
  expect(ids({ version }, [made(fields)]).length > 0).toBe(affected);
});

test.each<[string, string | undefined, Partial<Advisory>, RegExp | undefined]>([
  [
    '1.26.3-3+deb13u6',
    'trixie',
    { debian: { trixie: '1.26.3-3+deb13u7' } },
    /; fixed in package 1\.26\.3-3\+deb13u7 \(/,
  ],
  ['1.26.3-3+deb13u7', 'trixie', { debian: { trixie: '1.26.3-3+deb13u7' } }, undefined],
  ['1.26.3-3', 'trixie', { debian: { trixie: '0' } }, undefined],
  ['1.26.3-3', 'trixie', { debian: { trixie: null } }, /; this Debian release has no fix yet \(/],
  // A suite that is not in the list, and another distribution: the version of NGINX decides.
  ['1.30.1-1', 'forky', { debian: { trixie: null } }, /fixed in NGINX 1\.30\.3 and 1\.31\.2; whether the maker/],
  [
    '1.24.0-2ubuntu7.9',
    undefined,
    { debian: { trixie: '1' } },
    /of a distribution other than Debian\) has .* whether the maker/,
  ],
])('the package %s of %s, advisory %j', (version, suite, fields, message) => {
  const release = debian(version, suite);
  const list = { ...ADVISORIES, advisories: [made(fields)] };
  const problems = advisoryProblems(release, knownAdvisories(release, list), list);
  expect(problems.map((each) => each.message)).toEqual(message === undefined ? [] : [expect.stringMatching(message)]);
  for (const each of problems) expect(each).toMatchObject({ severity: 'warning', value: 'CVE-1', effect: 'none' });
});

test('every advisory says what reaches it, what would be needed or what is withheld, and is listed once', () => {
  const { advisories, updated } = ADVISORIES;
  expect(updated).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(new Set(advisories.map(({ id }) => id)).size).toBe(advisories.length);
  for (const { id, reach, absent, withheld, fixed } of advisories) {
    expect([id, [reach, absent, withheld].filter((each) => each !== undefined).length]).toEqual([id, 1]);
    expect([id, fixed.every((each) => /^\d+\.\d+\.\d+$/.test(each)) && fixed.length > 0]).toEqual([id, true]);
  }
  expect(advisoriesText({ version: '1.30.9' }, [])).toMatch(/^NGINX 1\.30\.9: no known vulnerability that/);
  const some = advisories.slice(0, 2);
  expect(advisoriesText({ version: '1.22.1' }, some)).toMatch(
    /: 2 known vulnerabilities that requests can reach \(list/,
  );
});

test('readRelease() reads the package of a binary, and the distribution', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidegate-release-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'os-release');
  writeFileSync(file, 'PRETTY_NAME="x"\nID=debian\nVERSION_CODENAME=trixie\n');
  const known = await readRelease('/usr/sbin/nginx', '1.22.1', file);
  const shown = spawnSync('dpkg-query', ['--show', '--showformat', '${source:Version}', 'nginx'], { encoding: 'utf8' });
  expect(known).toEqual({ version: '1.22.1', package: { version: shown.stdout, debian: 'trixie' } });
  writeFileSync(file, 'ID=ubuntu\nVERSION_CODENAME=noble\n');
  expect((await readRelease('/usr/sbin/nginx', '1.22.1', file)).package?.debian).toBeUndefined();
  expect(await readRelease(file, '1.22.1', file)).toEqual({ version: '1.22.1' });
});

test('versions of packages are compared as dpkg compares them', () => {
  const version = fc
    .array(fc.constantFrom('0', '1', '2', '10', '.', '-', '~', '+', 'deb', 'a', '00', 'u'), {
      minLength: 1,
      maxLength: 6,
    })
    .map((pieces) => `1${pieces.join('')}`)
    // An empty revision is invalid.
    .filter((text) => !text.endsWith('-'));
  const pairs = fc.sample(fc.tuple(version, version), 60);
  const script = pairs
    .map(
      ([a, b]) =>
        `if dpkg --compare-versions '${a}' lt '${b}'; then echo -1; elif dpkg --compare-versions '${a}' eq '${b}'; then echo 0; else echo 1; fi`,
    )
    .join('\n');
  const { stdout } = spawnSync('sh', [], { input: script, encoding: 'utf8' });
  const found = pairs.map(([a, b]) => [a, b, Math.sign(compareDebianVersions(a, b))]);
  expect(found).toEqual(pairs.map(([a, b], at) => [a, b, Number(stdout.split('\n')[at])]));
  expect(compareDebianVersions('1:1.0', '2.0')).toBeGreaterThan(0);
});
