/** The commands that ask a running `tidegate up`, with a real NGINX. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createInspectionClient } from '../../controller/inspect/client/client.ts';
import { INSPECTION_SOCKET } from '../../controller/inspect/inspection.ts';
import { type Backends, startBackends } from '../backends/start.ts';
import { issue, type KeyPair } from '../certificates.ts';
import { requestOnce } from '../client/connection.ts';
import { createProgram, type Program } from '../cluster/program.ts';
import { createFaultPoints, type FaultPoints } from '../faults/fault-points.ts';
import { type Instance, startInstance, until } from '../runner/instance.ts';
import { sliceOf } from '../runner/endpoints.ts';
import { secretOf } from '../runner/secrets.ts';
import { COMPILED, shippedProgram } from '../runner/shipped.ts';
import type { Fault } from './typical-fault.ts';
import { typicalFaults } from './typical-faults.ts';
import { untilServed } from './served.ts';
import { hostOf, ingressOf, NAMESPACE, podsOf, takeAddresses } from './site.ts';
import { placeIn } from '../runner/object.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FIVE_MINUTES = 300_000;

let backends: Backends;
let points: FaultPoints;
let instance: Instance;
let program: string;
let faults: readonly Fault[];
let pair: KeyPair;
let addresses: readonly string[];
let streaming: Program;

interface Called {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function tidegate(...args: readonly string[]): Called {
  const given = [program, ...args, '--run-dir', instance.runDir];
  const env = { ...process.env, ...COMPILED };
  return spawnSync(process.execPath, given, { cwd: ROOT, encoding: 'utf8', timeout: 30_000, env });
}

/** The JSON that a command prints. */
function asked<T>(...args: readonly string[]): T {
  const { status, stdout, stderr } = tidegate(...args, '-o', 'json');
  expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

interface Listed {
  readonly total: number;
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

beforeAll(async () => {
  backends = await startBackends();
  points = createFaultPoints();
  // The Problem about DNS changes when a resolver has answered, so its age is not that of the controller.
  faults = (await typicalFaults(backends)).inManifests.filter(({ name }) => name !== 'dns');
  pair = await issue([hostOf('web')]);
  addresses = takeAddresses(2);
  program = await shippedProgram();
  const files = Object.fromEntries(faults.map(({ name, objects }) => [`${name}.yaml`, objects]));
  instance = await startInstance(
    {
      ...files,
      'web.yaml': [
        ingressOf('web', 'web', { tls: 'pair' }),
        placeIn(NAMESPACE, secretOf('pair', pair)),
        ...podsOf('web', addresses, backends.ports.http),
      ],
    },
    { env: points.env },
  );
  const given = [program, 'changes', '-o', 'json', '--run-dir', instance.runDir];
  streaming = createProgram(process.execPath, given, { cwd: ROOT, env: COMPILED });
  streaming.start();
  await streaming.line(/"hello"/);
}, 60_000);

afterAll(async () => {
  await streaming?.end('SIGTERM');
  await instance?.dispose();
  points?.dispose();
  await backends?.stop();
});

it('five minutes after typical faults, status shows each of them with object, key, cause and age', async () => {
  points.shiftClock(FIVE_MINUTES);
  await until('the clock has jumped', () => points.clockShift() === FIVE_MINUTES);
  const { status, stdout, stderr } = tidegate('status');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/^degraded: \d+ errors: .*; \d+ Service ports are missing or have no endpoints$/);
  const seen = faults.map(({ name, field, cause }) => {
    const row = lines.find(
      (line) =>
        / (Ingress|Secret) /.test(line) && line.includes(` ${name}/`) && line.includes(field) && cause.test(line),
    );
    const isOld = row !== undefined && /^\w+ +5m\d+s /.test(row);
    return { name, row: isOld ? 'shown' : lines.filter((line) => line.includes(`${name}/`)) };
  });
  expect(seen).toEqual(faults.map(({ name }) => ({ name, row: 'shown' })));
  const severities = lines.flatMap((line) => /^(error|warning|notice) /.exec(line)?.[1] ?? []);
  const rank = ['error', 'warning', 'notice'];
  expect(severities).toEqual(severities.toSorted((a, b) => rank.indexOf(a) - rank.indexOf(b)));
});

it('status contains what NGINX reports, as a page, as JSON and as YAML', () => {
  const { stdout } = tidegate('status');
  expect(stdout).toMatch(/^NGINX +1\.\d+\.\d+, pid \d+, generation 1, \d+ workers?, none draining$/m);
  expect(stdout).toMatch(/^nginx\.conf +[0-9a-f]{16}, in force$/m);
  expect(stdout).not.toContain('\u001b');
  const page = asked<{ status: Readonly<Record<string, unknown>>; problems: readonly unknown[] }>('status');
  expect(page.status).toMatchObject({
    state: 'degraded',
    command: 'up',
    counts: { ingresses: faults.flatMap(({ objects }) => objects).filter(({ kind }) => kind === 'Ingress').length + 1 },
    leader: null,
  });
  expect(page.problems.length).toBeGreaterThanOrEqual(faults.length);
  expect(parse(tidegate('status', '-o', 'yaml').stdout)).toMatchObject({ status: { state: 'degraded' } });
});

it('routes, backends, certs and conf show the site, as tables and as JSON', () => {
  const host = hostOf('web');
  expect(asked<Listed>('routes', '--host', host).items).toMatchObject([
    { host, path: '/', ingress: `${NAMESPACE}/web`, answer: 'backend', backend: { service: 'web', port: 80 } },
  ]);
  expect(tidegate('routes', '--host', host).stdout).toMatch(
    /^web\.example\.test +\/ +prefix +sites\/web +sites\/web:80$/m,
  );
  const [backend] = asked<Listed>('backends', '-n', NAMESPACE).items;
  const port = backends.ports.http;
  const endpoints = addresses.map(
    (address) => expect.objectContaining({ address, port, leftOutSeconds: null }) as unknown,
  );
  expect(backend?.['endpoints']).toEqual(expect.arrayContaining(endpoints));
  expect(tidegate('backends', '-n', NAMESPACE).stdout).toMatch(/^sites\/web:80 +2 +0 +127\./m);
  const [certificate] = asked<Listed>('certs', '--host', host).items;
  expect(certificate).toMatchObject({ secret: `${NAMESPACE}/pair`, names: [host], hosts: [host], daysLeft: 29 });
  const certs = tidegate('certs').stdout.split('\n');
  expect(certs[1]).toMatch(/^expired \d+ d ago .* expired\/pair /);
  const conf = tidegate('conf', host).stdout;
  expect(conf).toContain(`server_name "${host}";`);
  expect(asked<{ text: string }>('conf', host).text.trim()).toBe(conf.trim());
  expect(tidegate('conf', 'unknown.test').stdout).toMatch(/^# No host has this name/);
});

it('a fault appears in problems and, once it is corrected, among the solved ones, with times', async () => {
  const ofWeb = (...args: readonly string[]) => asked<Listed>('problems', '-n', NAMESPACE, ...args);
  expect(ofWeb().items).toEqual([]);
  const before = Date.now();
  const site = (annotations: Record<string, string>) => [
    ingressOf('web', 'web', { tls: 'pair', annotations }),
    placeIn(NAMESPACE, secretOf('pair', pair)),
    ...podsOf('web', addresses, backends.ports.http),
  ];
  instance.write('web.yaml', site({ 'proxy-body-size': 'huge' }));
  await streaming.line(/"type":"problem".*"proxy-body-size|proxy-body-size.*"solved":null/);
  const [found] = ofWeb().items;
  expect(found).toMatchObject({ severity: 'warning', object: { name: 'web' }, value: '"huge"', solved: null });
  expect(tidegate('problems', '--host', hostOf('web')).stdout).toMatch(
    /^warning +\d+s +Ingress sites\/web +nginx\S+size /m,
  );
  instance.write('web.yaml', site({}));
  await streaming.line(/"type":"problem".*"solved":"2/);
  expect(ofWeb().items).toEqual([]);
  const [solved] = ofWeb('--solved').items;
  const shifted = (field: string) => Date.parse(String(solved?.[field])) - FIVE_MINUTES;
  expect(shifted('since')).toBeGreaterThanOrEqual(before - 1000);
  expect(shifted('solved')).toBeGreaterThanOrEqual(shifted('since'));
  expect(shifted('solved')).toBeLessThanOrEqual(Date.now() + 1000);
  expect(tidegate('problems', '--solved', '-n', NAMESPACE).stdout).toMatch(
    /^\d+s +warning +\d+s +Ingress sites\/web /m,
  );
});

it('changes streams Outcomes with their reasons, as lines of JSON or as readable text', async () => {
  const watching = createProgram(process.execPath, [program, 'changes', '--run-dir', instance.runDir], {
    cwd: ROOT,
    env: COMPILED,
  });
  watching.start();
  await watching.line(/^\d\d:\d\d:\d\d watching/);
  const more = takeAddresses(1);
  instance.write('web.yaml', [
    ingressOf('web', 'web', { tls: 'pair' }),
    placeIn(NAMESPACE, secretOf('pair', pair)),
    ...podsOf('web', [...addresses, ...more], backends.ports.http),
  ]);
  const line = await streaming.line(/"type":"outcome".*"kind":"live"/);
  expect(JSON.parse(line)).toMatchObject({
    outcome: {
      step: 'live',
      reasons: [expect.stringContaining('endpoints of sites/web')],
      sinceMs: expect.any(Number),
    },
  });
  await watching.line(/^\d\d:\d\d:\d\d live: endpoints of sites\/web.* ms after the change\)$/);
  expect(await watching.end('SIGINT')).toBe(0);
  const page = asked<{ status: { lastOutcomes: { live: unknown } } }>('status');
  expect(page.status.lastOutcomes.live).toMatchObject({ kind: 'live' });
});

it('backends shows the endpoints that NGINX leaves out because requests to them failed', async () => {
  const [good, dead] = [takeAddresses(1), takeAddresses(1)];
  const second = sliceOf('half', NAMESPACE, dead, { port: 9 });
  instance.write('half.yaml', [
    ingressOf('half'),
    ...podsOf('half', good, backends.ports.http),
    { ...second, metadata: { ...second.metadata, name: 'half-2' } },
  ]);
  await untilServed(instance, 'half', good);
  // Each worker counts only the failures that it sees, and another worker may answer the next query.
  const request = async (): Promise<void> => {
    for (let index = 0; index < 20; index += 1)
      await requestOnce({ port: instance.httpPort, host: hostOf('half'), path: '/' });
  };
  const leftOut = async (): Promise<unknown> => {
    await request();
    const [half] = asked<Listed>('backends', '--host', hostOf('half')).items;
    const endpoints = half?.['endpoints'] as readonly { address: string; leftOutSeconds: number | null }[];
    return endpoints.filter(({ leftOutSeconds }) => leftOutSeconds !== null).map(({ address }) => address);
  };
  const table = async (): Promise<string> => {
    await request();
    return tidegate('backends', '--host', hostOf('half')).stdout;
  };
  await expect.poll(leftOut).toEqual(dead);
  await expect.poll(table).toMatch(/^sites\/half:80 +2 +1 +127\./m);
});

it('--watch prints the answer again when it has changed', async () => {
  const given = [program, 'backends', '--host', hostOf('web'), '--watch', '-o', 'yaml', '--run-dir', instance.runDir];
  const watching = createProgram(process.execPath, given, { cwd: ROOT, env: COMPILED });
  watching.start();
  await watching.line(/^total: 1/);
  instance.write('web.yaml', [ingressOf('web', 'web'), ...podsOf('web', addresses.slice(0, 1), backends.ports.http)]);
  await watching.line(/^---/);
  expect(await watching.end('SIGINT')).toBe(0);
  const documents = parseAllDocuments(watching.lines.join('\n')).map((document) => document.toJS() as Listed);
  const counts = documents.map(({ items: [web] }) => (web?.['endpoints'] as unknown[] | undefined)?.length);
  expect(counts).toEqual([3, 1]);
});

it('logs follows the access log and the error log', async () => {
  const given = [program, 'logs', '--run-dir', instance.runDir];
  const following = createProgram(process.execPath, given, { cwd: ROOT, env: COMPILED });
  following.start();
  expect(await following.line(/^access log: /)).toBe(`access log: ${join(instance.runDir, 'run/access.log')}`);
  await following.line(/^error: .*start worker process/);
  await requestOnce({ port: instance.httpPort, host: 'client-ca.faults.test', path: '/seen-by-logs' });
  await following.line(/^access: .*GET \/seen-by-logs/);
  expect(await following.end('SIGTERM')).toBe(0);
});

it('the API tells how many requests a host had, how long they took, and how many failed', async () => {
  const client = createInspectionClient(join(instance.runDir, INSPECTION_SOCKET));
  const trafficOf = async (host: string) => {
    const traffic = await client.get('traffic');
    if (!traffic.ok) throw new Error(traffic.message);
    expect(traffic.value).toMatchObject({ counted: true, stepSeconds: 10 });
    return traffic.value.hosts.find((each) => each.host === host);
  };
  const target = { port: instance.httpPort, path: '/' };
  for (let index = 0; index < 20; index += 1) {
    await requestOnce({ ...target, host: 'client-ca.faults.test' });
    await requestOnce({ ...target, host: hostOf('web') });
  }
  await until('the requests are counted', async () => {
    const [failed, web] = [await trafficOf('client-ca.faults.test'), await trafficOf(hostOf('web'))];
    return (failed?.rates.perSecond ?? 0) > 0 && (web?.rates.perSecond ?? 0) > 0;
  });
  expect((await trafficOf('client-ca.faults.test'))?.rates).toMatchObject({ errorShare: 1, refusedShare: 0 });
  expect((await trafficOf(hostOf('web')))?.rates.meanMs).toBeLessThan(5000);
  const hosts = await client.get('hosts', { search: hostOf('web') });
  expect(hosts).toMatchObject({ value: { items: [{ host: hostOf('web'), traffic: { errorShare: 0 } }] } });
});

it('ui passes questions of its page on to the socket, and those of other pages not', async () => {
  const args = [program, 'ui', '--open', 'false', '--run-dir', instance.runDir];
  const ui = createProgram(process.execPath, args, { cwd: ROOT, env: COMPILED });
  ui.start();
  const url = /http:\S+/.exec(await ui.line(/^page: http:.*\(the running tidegate up\)/))?.[0] ?? '';
  const page = await fetch(url);
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await page.text()).toContain('<div id="app">');
  const listed = (await (await fetch(`${url}v1/hosts?search=${hostOf('web')}`)).json()) as Listed;
  expect(listed.items).toMatchObject([{ host: hostOf('web') }]);
  expect((await fetch(`${url}v1/routes?limit=x`)).status).toBe(400);
  const stream = await fetch(`${url}v1/changes`);
  const begun = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await begun?.read())?.value).toContain('event: hello');
  await begun?.cancel();
  const foreign = [{ 'sec-fetch-site': 'cross-site' }, { origin: 'http://a.test' }];
  for (const headers of foreign) expect((await fetch(`${url}v1/status`, { headers })).status).toBe(403);
  expect((await fetch(`${url}v1/../etc/passwd`)).status).toBe(404);
  expect(await ui.end('SIGTERM')).toBe(0);
});

it('completion prints the hosts and namespaces of the controller', () => {
  expect(tidegate('completion', 'hosts').stdout.split('\n')).toContain(hostOf('web'));
  expect(tidegate('completion', 'namespaces').stdout.split('\n')).toContain(NAMESPACE);
});

it('explain describes a request to the running controller, with the endpoints that it has now', async () => {
  const url = `https://${hostOf('web')}/cart`;
  const { outcomes, server } = asked<{
    readonly server: { readonly ingresses: readonly string[] };
    readonly outcomes: readonly { readonly backend?: { readonly endpoints: readonly string[] } }[];
  }>('explain', url);
  expect(server.ingresses).toEqual([`${NAMESPACE}/web`]);
  const endpoints = addresses.map((address) => `${address}:${backends.ports.http}`);
  const found = outcomes.flatMap(({ backend }) => backend?.endpoints ?? []);
  expect(found).not.toEqual([]);
  expect(endpoints).toEqual(expect.arrayContaining(found));
  expect(tidegate('explain', url).stdout).toContain(`${NAMESPACE}/web`);
  expect(tidegate('explain', 'web')).toMatchObject({ status: 2, stderr: expect.stringContaining('is not a URL') });
  const elsewhere = [program, 'explain', url, '--run-dir', join(instance.runDir, 'none')];
  const nobody = spawnSync(process.execPath, elsewhere, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, ...COMPILED },
  });
  expect(nobody).toMatchObject({ status: 1, stderr: expect.stringContaining('no controller listens on') });
});

it('while NGINX does not answer, status is unhealthy and its exit code is 1; without a controller, it says what to start', async () => {
  const { status, stdout } = tidegate('status');
  expect({ status, first: stdout.split('\n')[0] }).toMatchObject({
    status: 0,
    first: expect.stringMatching(/^degraded/),
  });
  // The socket of the live API is gone, as if NGINX had closed it.
  rmSync(join(instance.runDir, 'run/api/live.sock'));
  const down = tidegate('status');
  expect(down.status).toBe(1);
  expect(down.stdout).toMatch(/^unhealthy: NGINX does not answer/);
  await instance.end('SIGTERM');
  expect(existsSync(join(instance.runDir, 'controller/inspect.sock'))).toBe(false);
  const nobody = tidegate('status');
  expect(nobody.status).toBe(1);
  expect(nobody.stderr).toContain(`no controller listens on ${join(instance.runDir, 'controller/inspect.sock')}`);
  expect(nobody.stderr).toContain('tidegate up --manifests DIR');
});
