/** `tidegate` as people call it: wrong paths, strange names, npx. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createProgram, type Program } from '../cluster/program.ts';
import { until } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';
import { masterOf } from '../runner/processes.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = join(ROOT, 'examples');
/** One path, with copies and an authentication service: NGINX has locations of its own for both. */
const GUARDED = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: guarded
  namespace: default
  annotations:
    nginx.ingress.kubernetes.io/auth-url: http://192.0.2.7/auth
    nginx.ingress.kubernetes.io/mirror-target: http://192.0.2.8/copy
spec:
  rules:
    - host: guarded.example.com
      http: { paths: [{ path: /app, pathType: Prefix, backend: { service: { name: echo, port: { number: 80 } } } }] }
`;

let folder = '';
let started: Program[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidegate-command-'));
  // NGINX's workers are another user.
  chmodSync(folder, 0o755);
  started = [];
});

afterEach(async () => {
  for (const program of started) await program.end('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

function call(...args: readonly string[]) {
  return spawnSync(process.execPath, ['bin/tidegate.js', ...args], { cwd: ROOT, encoding: 'utf8', timeout: 30_000 });
}

async function up(cwd: string, manifests: string, command: readonly string[]): Promise<Program> {
  const [http, https] = [await freePort(), await freePort()];
  const [file = '', ...rest] = command;
  const flags = ['--manifests', manifests, '--run-dir', join(folder, 'run')];
  const ports = ['--http-port', String(http), '--https-port', String(https)];
  const program = createProgram(file, [...rest, 'up', ...flags, ...ports], { cwd });
  started.push(program);
  program.start();
  return program;
}

it('manifests that are not there end the start with 2, and NGINX is not started', () => {
  const { status, stdout } = call('up', '--manifests', join(folder, 'none'), '--run-dir', join(folder, 'run'));
  expect(status).toBe(2);
  expect(stdout).toContain('none does not exist; give a manifest or a folder of manifests');
  expect(existsSync(join(folder, 'run/run/master'))).toBe(false);
});

it('a run directory whose name cannot stand in nginx.conf is refused in one line', () => {
  const { status, stdout, stderr } = call('up', '--manifests', EXAMPLES, '--run-dir', join(folder, 'a b'));
  expect(status).toBe(2);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(stdout).toContain('only A-Z a-z 0-9 _ . / - may be used');
  expect(stderr).toBe('');
});

it('equal manifests are rendered to equal bytes', () => {
  const outputs = ['conf', 'json'].map((output) =>
    [1, 2].map(() => call('render', EXAMPLES, '--output', output).stdout),
  );
  for (const [first = '', second] of outputs) {
    expect(first.length).toBeGreaterThan(1000);
    expect(second).toBe(first);
  }
});

it('a checkout may have any name, and what is proposed to try is for clients', async () => {
  const checkout = join(folder, `it's "a" $x ä`);
  mkdirSync(checkout);
  for (const name of ['bin', 'controller', 'nginx', 'templates', 'package.json'])
    cpSync(join(ROOT, name), join(checkout, name), { recursive: true, filter: (path) => !path.includes('/golden/') });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  const manifests = join(folder, 'manifests');
  mkdirSync(manifests);
  for (const name of ['echo.yaml', 'cafe.yaml']) cpSync(join(EXAMPLES, name), join(manifests, name));
  writeFileSync(join(manifests, 'guarded.yaml'), GUARDED);
  const program = await up(checkout, manifests, [process.execPath, 'bin/tidegate.js']);
  await program.line(/^try:/);
  await program.line(/curl .*echo\.example\.com/);
  const proposed = program.lines.filter((line) => line.includes('curl '));
  expect(proposed.filter((line) => line.includes('guarded.example.com'))).toHaveLength(1);
  expect(proposed.filter((line) => /\/(_|internal)/.test(new URL(line.split(' ').at(-1) ?? '').pathname))).toEqual([]);
  expect(await program.end('SIGTERM')).toBe(0);
}, 60_000);

it('SIGTERM to npx ends the controller and NGINX, though the shell between tells nobody', async () => {
  const program = await up(ROOT, EXAMPLES, ['npx', '--no-install', 'tidegate']);
  await program.line(/^ready:/, 0, 40_000);
  expect(masterOf(join(folder, 'run'))).toBeDefined();
  await program.end('SIGTERM');
  await until('NGINX has ended', () => masterOf(join(folder, 'run')) === undefined, 20_000);
}, 90_000);
