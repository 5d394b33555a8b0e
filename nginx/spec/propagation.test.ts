/** An acknowledged delta is in force in every worker, even while workers crash or a reload replaces them. */
import type { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from './backends.ts';
import type { Backend, Seen } from './backends.ts';
import { startFixture, until } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { endpoints, route } from './live.ts';
import type { Values } from './live.ts';
import { oneConnection } from './request.ts';

const ID = '00000000000000dd';

let nginx: Fixture;
let backends: readonly [Backend, Backend];

beforeAll(async () => {
  backends = [await startBackend('a'), await startBackend('b')];
  nginx = await startFixture({ workers: 2, dict: '16m' });
  await nginx.api.push({ 'b:shop/web/80': endpoints(backends[0].port), [`r:${ID}`]: route('shop/web/80') });
});

afterAll(async () => {
  await nginx?.stop();
  await Promise.all((backends ?? []).map((backend) => backend.close()));
});

/** One keepalive connection to each worker, by the worker's pid. */
async function connectionToEach(): Promise<Map<number, Agent>> {
  const found = new Map<number, Agent>();
  for (let i = 0; i < 200 && found.size < 2; i += 1) {
    const agent = oneConnection();
    const answer = await nginx.get('/static', ID, { agent });
    const worker = Number(answer.headers['x-worker']);
    if (found.has(worker)) agent.destroy();
    else found.set(worker, agent);
  }
  expect(new Set(found.keys())).toEqual(new Set(nginx.workers()));
  return found;
}

async function serving(agent: Agent): Promise<string> {
  const answer = await nginx.get('/', ID, { agent });
  return answer.status === 200 ? (JSON.parse(answer.body) as Seen).backend : String(answer.status);
}

async function servedByAll(agents: Map<number, Agent>): Promise<string[]> {
  return Promise.all([...agents.values()].map((agent) => serving(agent)));
}

function release(agents: Map<number, Agent>): void {
  for (const agent of agents.values()) agent.destroy();
}

describe('a delta', () => {
  it('is in force in both workers at their next request, in each of 300 repetitions', async () => {
    const agents = await connectionToEach();
    const wrong: string[] = [];
    for (let i = 0; i < 300; i += 1) {
      const backend = backends[i % 2 === 0 ? 1 : 0];
      await nginx.api.push({ 'b:shop/web/80': endpoints(backend.port) });
      const want = i % 2 === 0 ? 'b' : 'a';
      wrong.push(...(await servedByAll(agents)).filter((name) => name !== want));
    }
    expect(wrong).toEqual([]);
    release(agents);
  });

  it('is in force in a worker that has missed more changes than the ring buffer can contain', async () => {
    const agents = await connectionToEach();
    expect(await servedByAll(agents)).toEqual(['a', 'a']);
    const many: Values = {};
    for (let i = 0; i < 1500; i += 1) many[`b:many/s${i}/80`] = endpoints(1);
    await nginx.api.push({ 'b:shop/web/80': endpoints(backends[1].port) });
    await nginx.api.push(many);
    expect(await servedByAll(agents)).toEqual(['b', 'b']);
    // The workers now miss exactly as many changes as the ring buffer can contain, in several deltas.
    for (let i = 0; i < 1024; i += 256) {
      await nginx.api.push(Object.fromEntries(Object.entries(many).slice(i, i + 256)));
    }
    await nginx.api.push({ 'b:shop/web/80': endpoints(backends[0].port) });
    expect(await servedByAll(agents)).toEqual(['a', 'a']);
    release(agents);
  });

  it('can remove a route, and a later delta can add the route again', async () => {
    const agents = await connectionToEach();
    await nginx.api.push({ [`r:${ID}`]: null });
    expect(await servedByAll(agents)).toEqual(['503', '503']);
    await nginx.api.push({ [`r:${ID}`]: route('shop/web/80') });
    expect(await servedByAll(agents)).toEqual(['a', 'a']);
    release(agents);
  });
});

describe('after a worker was killed with SIGKILL', () => {
  it('the new worker has all live data, and GET /v1/state no longer lists the killed worker', async () => {
    const [victim = 0] = nginx.workers();
    const before = await nginx.api.state();
    process.kill(victim, 'SIGKILL');
    await until('the successor', () =>
      nginx.workers().length === 2 && !nginx.workers().includes(victim) ? true : undefined,
    );
    const state = await until('its registration', async () => {
      const now = await nginx.api.state();
      return now.workers.length === 2 ? now : undefined;
    });
    expect(state.workers.map((worker) => worker.pid)).not.toContain(victim);
    expect(state).toMatchObject({ revision: before.revision, digest: before.digest, generation: before.generation });
    const agents = await connectionToEach();
    expect(await servedByAll(agents)).toEqual(['a', 'a']);
    await nginx.api.push({ 'b:shop/web/80': endpoints(backends[1].port) });
    expect(await servedByAll(agents)).toEqual(['b', 'b']);
    release(agents);
  });

  it('while it was writing live data, the digest becomes zeros, and all workers use the written part', async () => {
    const agents = await connectionToEach();
    expect(await servedByAll(agents)).toEqual(['b', 'b']);
    const before = await nginx.api.state();
    const text = `set b:shop/web/80 ${JSON.stringify(endpoints(backends[0].port))}`;
    await nginx.api.send('POST', '/fault/die-half-way', text).catch(() => undefined);
    const state = await until('the successor', async () => {
      const now = await nginx.api.state().catch(() => undefined);
      return now?.workers.length === 2 && now.revision !== before.revision ? now : undefined;
    });
    expect(state).toMatchObject({ revision: before.revision + 2, digest: '0'.repeat(32) });
    release(agents);
    const fresh = await connectionToEach();
    expect(await servedByAll(fresh)).toEqual(['a', 'a']);
    await nginx.api.push({ 'b:shop/web/80': endpoints(backends[1].port) });
    expect(await servedByAll(fresh)).toEqual(['b', 'b']);
    release(fresh);
  });
});

describe('a reload', () => {
  it('does not change the live data, and the new workers apply later deltas while old workers still run', async () => {
    const slow = nginx.get('/', ID, { headers: { 'X-Delay': '1500' } });
    const before = await nginx.api.state();
    nginx.writeConf('fedcba9876543210');
    const generation = await nginx.reload();
    const state = await nginx.api.state();
    expect(generation).toBe(before.generation + 1);
    expect(state).toMatchObject({ revision: before.revision, digest: before.digest });
    const confs = state.workers.map((worker) => [worker.generation, worker.conf].join());
    expect(confs).toContain(`${before.generation},0123456789abcdef`);
    expect(confs).toContain(`${generation},fedcba9876543210`);
    const agents = await until('the old workers to close their listeners', async () => {
      const found = await connectionToEach().catch(() => undefined);
      const fresh = new Set(
        state.workers.filter((worker) => worker.generation === generation).map((worker) => worker.pid),
      );
      return found && [...found.keys()].every((pid) => fresh.has(pid)) ? found : undefined;
    });
    await nginx.api.push({ 'b:shop/web/80': endpoints(backends[0].port) });
    expect(await servedByAll(agents)).toEqual(['a', 'a']);
    release(agents);
    expect((await slow).status).toBe(200);
  });

  it('leaves no records in the shared memory about workers of earlier generations', async () => {
    for (let i = 0; i < 5; i += 1) await nginx.reload();
    const state = await until('the old workers to end', async () => {
      const now = await nginx.api.state();
      return now.workers.length === 2 ? now : undefined;
    });
    expect(new Set(state.workers.map((worker) => worker.generation))).toEqual(new Set([state.generation]));
    expect((await nginx.api.send('GET', '/fault/records')).body).toBe('3\n');
  });
});
