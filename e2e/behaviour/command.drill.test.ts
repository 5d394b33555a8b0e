/** `tidegate` on the command line, with wrong paths, unusual names of folders, and npx. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { requestOnce } from '../client/connection.ts';
import { createProgram, type Program } from '../cluster/program.ts';
import { until } from '../runner/instance.ts';
import { freePort } from '../runner/port.ts';
import { masterOf, workersOf } from '../runner/processes.ts';
import { copyCheckout, STRANGE } from './checkout.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = join(ROOT, 'examples');
/** An Ingress with a mirror and an authentication service, for which nginx.conf has internal locations. */
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
  // NGINX's workers run as another user.
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

interface Called {
  readonly runDir?: string;
  readonly http?: number;
}

async function up(
  cwd: string,
  manifests: string,
  command: readonly string[],
  called: Called = {},
  more: readonly string[] = [],
): Promise<Program> {
  const { runDir = join(folder, 'run'), http = await freePort() } = called;
  const https = await freePort();
  const [file = '', ...rest] = command;
  const flags = ['--manifests', manifests, '--run-dir', runDir];
  const ports = ['--http-port', String(http), '--https-port', String(https)];
  const program = createProgram(file, [...rest, 'up', ...flags, ...ports, ...more], { cwd });
  started.push(program);
  program.start();
  return program;
}

/** An Ingress that redirects all requests to a URL that contains its name. */
function redirecting(name: string): string {
  return `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
  namespace: default
  annotations: { nginx.ingress.kubernetes.io/permanent-redirect: https://elsewhere.example.com/${name} }
spec:
  rules:
    - host: ${name}.example.com
      http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: none, port: { number: 80 } } } }] }
`;
}

async function locationOf(port: number, host: string): Promise<string> {
  const exchange = await requestOnce({ port, host: `${host}.example.com`, path: '/' });
  return exchange.kind === 'answer' ? (exchange.answer.headers.get('location') ?? '') : exchange.detail;
}

async function untilRedirected(port: number, host: string): Promise<void> {
  const wanted = `https://elsewhere.example.com/${host}`;
  await until(`${host} is served`, async () => (await locationOf(port, host)) === wanted, 20_000);
}

it('up exits with 2 and does not start NGINX if the manifests do not exist', () => {
  const { status, stdout } = call('up', '--manifests', join(folder, 'none'), '--run-dir', join(folder, 'run'));
  expect(status).toBe(2);
  expect(stdout).toContain('none does not exist; give a manifest or a folder of manifests');
  expect(existsSync(join(folder, 'run/run/master'))).toBe(false);
});

it('up rejects a run directory whose name contains a line break, and the message is a single line', () => {
  const { status, stdout, stderr } = call('up', '--manifests', EXAMPLES, '--run-dir', join(folder, 'a\nb'));
  expect(status).toBe(2);
  expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  expect(stdout).toContain('a control character');
  expect(stderr).toBe('');
});

it('the lines of up are JSON objects with the fields of Problems and changes, in the shape that is asked for', async () => {
  const manifests = join(folder, 'manifests');
  mkdirSync(manifests);
  writeFileSync(join(manifests, 'one.yaml'), redirecting('one').replace('name: one', 'name: Not_A_Name'));
  writeFileSync(join(manifests, 'two.yaml'), GUARDED);
  const command = [process.execPath, 'bin/tidegate.js'];
  const program = await up(ROOT, manifests, command, {}, ['--log-format', 'ecs']);
  await program.line(/"event\.action":"started"/);
  process.kill(program.pid, 'SIGUSR2');
  await program.line(/the log level is now debug/);
  const entries = program.lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries.find((entry) => entry['event.code'] === 'missing-service')).toMatchObject({
    'event.action': 'problem',
    'orchestrator.namespace': 'default',
    'orchestrator.resource.type': 'ingress',
    'orchestrator.resource.name': 'guarded',
    'file.path': expect.stringContaining('two.yaml'),
  });
  expect(entries.find((entry) => entry['event.action'] === 'started')?.['event.duration']).toBeGreaterThan(0);
});

it('a command exits with 0 and without a stack trace if the reader of its output exits', () => {
  const shell = (line: string) => spawnSync('sh', ['-c', line], { cwd: ROOT, encoding: 'utf8', timeout: 30_000 });
  const tidegate = `'${process.execPath}' bin/tidegate.js`;
  for (const command of ['check --help', 'render examples', 'up --help', 'controller --help'])
    expect(shell(`${tidegate} ${command} | true`)).toMatchObject({ status: 0, stderr: '' });
});

it('render names a missing or invalid template, and warns about a template that leaves out a part of the view', () => {
  const templates = join(folder, 'templates');
  const render = () => call('render', EXAMPLES, '--template-dir', templates);
  expect(render()).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(`error: --template-dir: ${join(templates, 'nginx.conf.hbs')}: ENOENT`),
  });
  cpSync(join(ROOT, 'templates'), templates, { recursive: true });
  expect(render()).toMatchObject({ status: 0, stderr: '' });
  const server = readFileSync(join(templates, 'server.hbs'), 'utf8');
  writeFileSync(join(templates, 'server.hbs'), server.replaceAll('{{#if passes.grpc}}', '{{#if passes.proxy}}'));
  expect(render()).toMatchObject({ status: 0, stderr: expect.stringContaining('leaves out locations.passes.grpc') });
  writeFileSync(join(templates, 'server.hbs'), `${server}{{{whose}}}`);
  expect(render()).toMatchObject({
    status: 2,
    stdout: '',
    stderr: `error: --template-dir: ${join(templates, 'server.hbs')}: {{{ and {{& are not allowed in a template\n`,
  });
});

it('nginx accepts what a copy of an older template renders, which declares fewer variables of the log', () => {
  const templates = join(folder, 'templates');
  cpSync(join(ROOT, 'templates'), templates, { recursive: true });
  const file = join(templates, 'server.hbs');
  const older = readFileSync(file, 'utf8').replace(/^ *set \$tidegate_(?:tries|reason) .*\n/gm, '');
  expect(older).not.toContain('$tidegate_reason');
  writeFileSync(file, older);
  const { status, stdout } = call('check', EXAMPLES, '--template-dir', templates);
  expect({ status, unknown: /unknown .*variable/.exec(stdout)?.[0] }).toEqual({ status: 0, unknown: undefined });
});

it('render prints the same bytes for the same manifests, even in another environment', () => {
  const cwd = copyCheckout(folder);
  // Another folder, home directory, time zone, number of processors and limit of file descriptors.
  const env = { ...process.env, XDG_RUNTIME_DIR: folder, HOME: folder, TZ: 'Pacific/Apia', LANG: 'de_DE.UTF-8' };
  const elsewhere = ['-c', 'ulimit -n 512; exec taskset -c 0 "$@"', 'sh', process.execPath, 'bin/tidegate.js'];
  const given = ['render', EXAMPLES, '--output', 'json'];
  const [here, there] = [
    call(...given).stdout,
    spawnSync('sh', [...elsewhere, ...given], { cwd, env, encoding: 'utf8', timeout: 60_000 }).stdout,
  ];
  expect(here.length).toBeGreaterThan(1000);
  expect(there).toBe(here);
  expect(here).toContain('worker_processes 2;');
  expect(call(...given, '--processors', '7').stdout).toContain('worker_processes 7;');
});

it('up works in a checkout with any name, and proposes only URLs that clients can request', async () => {
  const checkout = copyCheckout(folder);
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

it('up works with a run directory and a folder of manifests with any name', async () => {
  const [checkout, runDir, manifests] = [copyCheckout(folder), join(folder, `run ${STRANGE}`), join(folder, STRANGE)];
  mkdirSync(manifests);
  writeFileSync(join(manifests, 'first.yaml'), redirecting('first'));
  const called = { runDir, http: await freePort() };
  const first = await up(checkout, manifests, [process.execPath, 'bin/tidegate.js'], called);
  await first.line(/^ready:/);
  await untilRedirected(called.http, 'first');
  writeFileSync(join(manifests, 'second.yaml'), redirecting('second'));
  await first.line(/\breload: /);
  await untilRedirected(called.http, 'second');
  // After the controller and NGINX are killed, the socket of the live API still exists.
  await first.end('SIGKILL');
  const master = masterOf(runDir);
  if (master === undefined) throw new Error('NGINX has ended with the controller');
  for (const { pid } of [master, ...workersOf(master.pid)]) process.kill(pid, 'SIGKILL');
  await until('NGINX has exited', () => masterOf(runDir) === undefined);
  const alone = createProgram(join(checkout, 'nginx/start.sh'), [runDir], { cwd: '/' });
  started.push(alone);
  alone.start();
  await untilRedirected(called.http, 'second');
  const again = await up(checkout, manifests, [process.execPath, 'bin/tidegate.js'], called);
  await again.line(/^ready:/);
  expect(masterOf(runDir)?.pid).toBe(alone.pid);
  expect(await again.end('SIGTERM')).toBe(0);
  expect(masterOf(runDir)).toBeUndefined();
}, 90_000);

it('check works with a temporary folder of any name', () => {
  const [temporary, manifest] = [join(folder, STRANGE), join(folder, 'first.yaml')];
  mkdirSync(temporary);
  writeFileSync(manifest, redirecting('first'));
  const env = { ...process.env, TMPDIR: temporary };
  const options = { cwd: ROOT, encoding: 'utf8', timeout: 30_000, env } as const;
  const { status, stdout } = spawnSync(process.execPath, ['bin/tidegate.js', 'check', manifest], options);
  expect(stdout).toContain('0 errors, 0 warnings, 0 notices; nginx -t tested the configuration');
  expect(status).toBe(0);
  expect(readdirSync(temporary)).toEqual([]);
});

it('SIGTERM to npx stops the controller and NGINX, although the shell of npx forwards no signals', async () => {
  const program = await up(ROOT, EXAMPLES, ['npx', '--no-install', 'tidegate']);
  await program.line(/^ready:/, 0, 40_000);
  expect(masterOf(join(folder, 'run'))).toBeDefined();
  await program.end('SIGTERM');
  await until('NGINX has stopped', () => masterOf(join(folder, 'run')) === undefined, 20_000);
}, 90_000);
