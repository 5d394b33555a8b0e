/** The live data is complete after the crash of a worker, after a reload, and after invalid deltas. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { connectToEveryWorker } from '../runner/every-worker.ts';
import { watchGenerations } from '../runner/generations.ts';
import { startInstance, until } from '../runner/instance.ts';
import type { Instance } from '../runner/instance.ts';
import type { KubernetesObject } from '../runner/object.ts';
import { masterOf, workersOf } from '../runner/processes.ts';
import { callLive, readState } from '../runner/state.ts';
import { podOf, untilServed } from './served.ts';
import { hostOf, ingressOf, podsOf, takeAddresses } from './site.ts';

const sites = Array.from({ length: 8 }, (_, i) => `e${i}`);
const pods = new Map(sites.map((site) => [site, takeAddresses(1)]));

let backends: Backends;
let instance: Instance;

function write(site: string): void {
  instance.write(`pods-${site}.yaml`, podsOf(site, pods.get(site) ?? [], backends.ports.http));
}

function change(site: string): void {
  pods.set(site, takeAddresses(1));
  write(site);
}

/** Expects that every worker serves every site from its pods. */
async function everyWorkerKnows(): Promise<void> {
  const target = { port: instance.httpPort, host: hostOf('e0'), path: '/' };
  const connections = await connectToEveryWorker(instance.runDir, target);
  for (const [worker, connection] of connections) {
    for (const [site, addresses] of pods) {
      const exchange = await connection.request({ ...target, host: hostOf(site) }, 5000);
      const endpoint = exchange.kind === 'answer' ? exchange.answer.headers.get('echo-endpoint') : exchange.kind;
      expect(addresses, `worker ${worker}, ${site}`).toContain(endpoint?.split(':')[0]);
    }
    connection.close();
  }
  expect(connections.size).toBeGreaterThan(0);
}

beforeAll(async () => {
  backends = await startBackends();
  const files: Record<string, KubernetesObject[]> = {};
  for (const site of sites) {
    files[`ingress-${site}.yaml`] = [ingressOf(site)];
    files[`pods-${site}.yaml`] = podsOf(site, pods.get(site) ?? [], backends.ports.http);
  }
  instance = await startInstance(files);
}, 60_000);

afterAll(async () => {
  await instance?.dispose();
  await backends?.stop();
});

it('a worker that replaces a killed worker has all live data', async () => {
  change('e1');
  await untilServed(instance, 'e1', pods.get('e1') ?? []);
  const master = masterOf(instance.runDir)?.pid ?? 0;
  const before = workersOf(master);
  const victim = before[0]?.pid ?? 0;
  expect(victim).toBeGreaterThan(1);
  process.kill(victim, 'SIGKILL');
  await until('a new worker runs', () => {
    const now = workersOf(master).map(({ pid }) => pid);
    return now.length === before.length && !now.includes(victim);
  });
  await until(
    'the new worker has registered',
    async () => (await readState(instance.runDir)).workers.length >= before.length,
  );
  await everyWorkerKnows();
}, 30_000);

it('no delta is lost during a reload', async () => {
  const generations = watchGenerations(instance.runDir);
  pods.set('e-new', takeAddresses(1));
  instance.write('new.yaml', [ingressOf('e-new'), ...podsOf('e-new', pods.get('e-new') ?? [], backends.ports.http)]);
  for (let i = 0; generations.reloads() === 0 || i < 60; i += 1) {
    if (i > 500) throw new Error('no reload in 5 s');
    change(sites[i % sites.length] ?? '');
    await sleep(10);
  }
  generations.stop();
  expect(generations.reloads()).toBe(1);
  for (const [site, addresses] of pods) await untilServed(instance, site, addresses);
  const master = masterOf(instance.runDir)?.pid ?? 0;
  const workers =
    new Set((await readState(instance.runDir)).workers.map(({ count }) => count)).values().next().value ?? 0;
  await until('the old workers have exited', () => workersOf(master).length <= workers, 20_000);
  await everyWorkerKnows();
}, 40_000);

it('the live API rejects invalid deltas with a reason, and such a delta changes no live data', async () => {
  const { revision, digest } = await readState(instance.runDir);
  const next = revision + 1;
  const sum = createHash('md5').update('x').digest('hex');
  const set = 'set b:evil/evil/80 {"endpoints":[]}';
  const cases: [number, string, string][] = [
    [409, 'stale', `begin ${revision + 5}\n${set}\nend ${revision + 6} ${sum}\n`],
    [409, 'stale', `begin ${revision - 1}\n${set}\nend ${revision} ${sum}\n`],
    [400, 'malformed', 'nonsense'],
    [400, 'malformed', `begin ${revision}\n${set}\n`],
    [400, 'malformed', `begin ${revision}\nset b:evil/evil/80 {broken\nend ${next} ${sum}\n`],
    [400, 'malformed', `begin ${revision}\n${set}\nend ${revision + 2} ${sum}\n`],
    [413, 'oversized', `begin ${revision}\nset b:evil/evil/80 "${'x'.repeat(1_100_000)}"\nend ${next} ${sum}\n`],
  ];
  for (const [status, code, body] of cases) {
    const answer = await callLive(instance.runDir, 'POST', '/v1/delta', body);
    const sent = body.slice(0, 60);
    expect([sent, answer.status, answer.text]).toEqual([sent, status, expect.stringContaining(code)]);
  }
  const after = await readState(instance.runDir);
  expect([after.revision, after.digest]).toEqual([revision, digest]);
  const keys = await callLive(instance.runDir, 'GET', '/v1/keys');
  expect(keys.text).not.toContain('evil');
  for (const [site, addresses] of pods) expect(addresses).toContain(await podOf(instance, site));
}, 20_000);

it('no response of the live API contains a private key', async () => {
  for (const path of ['/v1/state', '/v1/keys', '/v1/keys/c:_', '/c:_', '/']) {
    const { text } = await callLive(instance.runDir, 'GET', path);
    expect(text).not.toContain('PRIVATE KEY');
  }
});
