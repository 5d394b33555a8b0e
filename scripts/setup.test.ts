import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
/**
 * A folder with a copy of the set-up scripts, a stamp of a finished installation, and a folder `path` that comes first
 * in PATH.
 */
let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), `tidegate-setup it's "a" $x ä `));
  for (const name of ['scripts', 'package.json', 'package-lock.json'])
    cpSync(join(root, name), join(checkout, name), { recursive: true });
  mkdirSync(join(checkout, 'path'));
  mkdirSync(join(checkout, 'node_modules/.bin'), { recursive: true });
  symlinkSync(process.execPath, join(checkout, 'node_modules/.bin/node'));
  // With this stamp, the set-up regards the npm packages as installed.
  const sum = execFileSync('sha256sum', [join(checkout, 'package-lock.json')], { encoding: 'utf8' }).split(' ')[0];
  const machine = execFileSync('uname', ['-sm'], { encoding: 'utf8' });
  writeFileSync(join(checkout, 'node_modules/.tidegate-setup'), `${sum} ${machine}`);
});

afterEach(() => rmSync(checkout, { recursive: true, force: true }));

/** Replaces a system program with a script, to simulate situations that the test machine cannot be brought into. */
function replace(program: string, script: string): void {
  const path = join(checkout, 'path', program);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

function setUp(...flags: string[]) {
  const env = { ...process.env, PATH: `${join(checkout, 'path')}${delimiter}${process.env['PATH']}` };
  return spawnSync('sh', [join(checkout, 'scripts/setup.sh'), ...flags], { env, encoding: 'utf8', timeout: 30_000 });
}

test('if everything is installed, the set-up prints nothing, calls neither npm nor apt, and takes under 2 s', () => {
  replace('npm', 'echo npm was called >&2; exit 9');
  replace('apt-get', 'echo apt-get was called >&2; exit 9');
  const start = performance.now();
  const { status, stdout, stderr } = setUp('--test');
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(performance.now() - start).toBeLessThan(2000);
});

test('if the lockfile has changed, the set-up runs npm, and writes no stamp if npm fails', () => {
  writeFileSync(join(checkout, 'package-lock.json'), `${readFileSync(join(checkout, 'package-lock.json'), 'utf8')}\n`);
  replace('npm', 'echo "$@"; exit 9');
  const { status, stderr } = setUp();
  expect(stderr).toMatch(/install --no-save --ignore-scripts .*\n.*npm install failed/);
  expect(status).toBe(1);
  expect(existsSync(join(checkout, 'node_modules/.tidegate-setup'))).toBe(false);
});

test('node_modules count as installed without a stamp, unless a package of the lockfile is missing', () => {
  rmSync(join(checkout, 'node_modules'), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const run = spawnSync(process.execPath, ['scripts/installed.cjs'], { cwd: checkout });
  expect(run.status).toBe(0);
  const lock = JSON.parse(readFileSync(join(checkout, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, unknown>;
  };
  lock.packages['node_modules/not-there'] = { version: '1.0.0', integrity: 'sha512-x' };
  writeFileSync(join(checkout, 'package-lock.json'), JSON.stringify(lock));
  expect(spawnSync(process.execPath, ['scripts/installed.cjs'], { cwd: checkout }).status).toBe(1);
});

test("as-node-24.cjs makes npm choose native packages for the project's Node, whichever Node runs npm", () => {
  const flags = ['--require', join(checkout, 'scripts/as-node-24.cjs'), '-p', 'process.version'];
  const version = execFileSync(process.execPath, flags, { encoding: 'utf8' }).trim();
  expect(version).toMatch(/^v24\./);
  expect(version).toBe(execFileSync(join(root, 'node_modules/.bin/node'), ['--version'], { encoding: 'utf8' }).trim());
});

test('without root, the set-up prints the missing packages and the command to run, and installs nothing', () => {
  replace('dpkg-query', 'echo "installed:nginx installed:curl "');
  replace('id', 'echo 1000');
  replace('apt-get', 'echo apt-get was called >&2');
  const { status, stderr } = setUp('--test');
  expect(status).toBe(1);
  expect(stderr).toContain(
    'missing: libnginx-mod-http-lua libnginx-mod-stream libnginx-mod-stream-js lua-cjson openssl nghttp2-client',
  );
  // Users paste this command into a shell.
  const words = /sudo sh (.*)\n/.exec(stderr)?.[1];
  const pasted = execFileSync('sh', ['-c', `printf '%s\\n' ${words}`], { encoding: 'utf8' });
  expect(pasted.trimEnd().split('\n')).toEqual([join(checkout, 'scripts/setup.sh'), '--packages', '--test']);
  expect(stderr).not.toContain('apt-get was called');
});

test('the set-up rejects an unknown argument with a message that lists the accepted arguments', () => {
  const { status, stderr } = setUp('--tests');
  expect(status).toBe(2);
  expect(stderr).toContain('accepted: --test, --full, --packages');
});

test('every package in packages.txt has a scope and a reason', () => {
  const lines = readFileSync(join(root, 'scripts/packages.txt'), 'utf8').trim().split('\n');
  const rows = lines.filter((line) => !line.startsWith('#'));
  expect(rows.filter((row) => !/^(run|test|full) +[a-z0-9-]+ +\S.{15,}$/.test(row))).toEqual([]);
  expect(rows.length).toBeGreaterThan(6);
});
