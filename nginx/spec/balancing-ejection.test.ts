/** Endpoints that do not answer are left out of balancing. */
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { endpointStates, oneByOne, tally, underWay } from './balancing-endpoint.ts';
import { ID } from './balancing-stage.ts';
import { until } from './fixture.ts';
import type { Answer } from './request.ts';
import { stageOfFile } from './stage-of-file.ts';

const stage = stageOfFile();
/** A stage whose proxy_next_upstream also retries responses with status 503 or 404. */
const strict = stageOfFile('proxy_next_upstream error timeout http_503 http_404;');

/** The number of attempts for each response. */
function tries(answers: readonly Answer[]): number[] {
  return answers.map((answer) => String(answer.headers['x-upstream-addr']).split(', ').length);
}

async function untilOut(names: string): Promise<void> {
  await until(`${names} to be left out`, async () => {
    expect((await stage.send()).status).toBe(200);
    return (await stage.out()) === names ? true : undefined;
  });
}

describe('an endpoint that does not answer', () => {
  it('is left out of balancing after three failures in a row, and a log line says so', async () => {
    const [x] = stage.dead;
    await stage.serve('abx');
    expect(tally(await oneByOne(9, stage.send))).not.toHaveProperty('502');
    expect(await stage.out()).toBe('x');
    const then = await oneByOne(12, stage.send);
    expect(tally(then)).toEqual({ a: 6, b: 6 });
    expect(tries(then)).toEqual(Array(12).fill(1));
    expect(x.count()).toBe(3);
    expect(stage.nginx.errorLog()).toContain(
      `${stage.backend()}: ${x.id} is left out, because 3 attempts in a row failed; 1 of 3 endpoints are left out`,
    );
    expect(await endpointStates(stage.nginx, [x])).toMatchObject({ x: { backend: stage.backend(), out: true } });
  });

  it('does not change the ratio between the weights of the other endpoints', async () => {
    await stage.serve('a5b2x9');
    await untilOut('x');
    expect(tally(await oneByOne(28, stage.send))).toEqual({ a: 20, b: 8 });
  });

  it.each(['least_conn', 'random', 'ewma'] as const)('is left out of balancing by %s', async (balance) => {
    await stage.serve('abx', { balance });
    await untilOut('x');
    expect(tries(await oneByOne(12, stage.send))).toEqual(Array(12).fill(1));
    expect(stage.dead[0].count()).toBe(3);
  });

  it.each(['least_conn', 'random', 'ewma'] as const)(
    'is not preferred by %s although it has no requests in progress',
    async (balance) => {
      // At most one of the endpoints x and y can be left out.
      await stage.serve('axy', { balance });
      expect(tally(await oneByOne(60, stage.send))).toEqual({ a: 60 });
      expect(stage.dead[0].count() + stage.dead[1].count()).toBeLessThan(30);
    },
  );

  it('is not left out if more than half of the endpoints would then be left out', async () => {
    await stage.serve('axyz', { tries: 4 });
    expect(tally(await oneByOne(30, stage.send))).toEqual({ a: 30 });
    expect(await stage.out()).toHaveLength(2);
  });

  it('is still used if it is the only endpoint of the backend', async () => {
    await stage.serve('x');
    expect(tally(await oneByOne(5, stage.send))).toEqual({ 502: 5 });
    expect(await stage.out()).toBe('');
    stage.dead[0].behave(() => ({}));
    expect(tally(await oneByOne(3, stage.send))).toEqual({ x: 3 });
  });

  it('is tried if all other endpoints fail, although it is left out of balancing', async () => {
    await stage.serve('ax');
    await untilOut('x');
    stage.alive[0]?.behave(() => ({ drop: true }));
    stage.dead[0].behave(() => ({}));
    expect(tally(await oneByOne(1, stage.send))).toEqual({ x: 1 });
    expect(await stage.out()).toBe('');
  });
});

describe('the count of failures in a row', () => {
  it('starts again when the endpoint answers', async () => {
    stage.dead[0].behave((count) => ({ drop: count % 3 !== 0 }));
    await stage.serve('abx');
    await oneByOne(40, stage.send);
    expect(stage.dead[0].count()).toBeGreaterThan(6);
    expect(await stage.out()).toBe('');
  });

  it('includes a failed attempt that is the only attempt of its request', async () => {
    // z has never answered, so NGINX has no keepalive connection to it. A failure of such a connection would not count
    // as an attempt.
    await stage.serve('abz', { tries: 1 });
    expect(tally(await oneByOne(9, stage.send))).toEqual({ a: 3, b: 3, 502: 3 });
    expect(tally(await oneByOne(12, stage.send))).toEqual({ a: 6, b: 6 });
  });

  it('includes an answer that takes longer than the timeout', async () => {
    stage.dead[0].behave(() => ({ delay: 3000 }));
    await stage.serve('abx', { tries: 1, timeouts: [2000, 2000, 150] });
    expect(tally(await oneByOne(9, stage.send))).toEqual({ a: 3, b: 3, 504: 3 });
    expect(await stage.out()).toBe('x');
  });

  it('does not include an answer with an error status', async () => {
    for (const changes of [{}, { tries: 1 }, { balance: 'ewma' }] as const) {
      await stage.serve('abc', changes);
      for (const status of ['500', '502', '503', '504']) {
        const answers = await oneByOne(9, () => stage.send({ headers: { 'X-Answer': status } }));
        expect(tally(answers)).toEqual({ [status]: 9 });
      }
      expect(Object.values(await stage.states()).map(({ fails }) => fails)).toEqual([0, 0, 0]);
    }
  });

  it('includes an answer with status 503 if proxy_next_upstream names that status', async () => {
    strict.dead[0].behave(() => ({ status: 503 }));
    await strict.serve('abx');
    expect(Object.keys(tally(await oneByOne(9, strict.send))).sort()).toEqual(['a', 'b']);
    expect(await strict.out()).toBe('x');
    expect(strict.dead[0].count()).toBe(3);
  });

  it('does not include an answer with status 404, even if proxy_next_upstream names that status', async () => {
    strict.dead[0].behave(() => ({ status: 404 }));
    await strict.serve('abx');
    expect(Object.keys(tally(await oneByOne(18, strict.send))).sort()).toEqual(['a', 'b']);
    expect(await strict.out()).toBe('');
    expect(strict.dead[0].count()).toBeGreaterThan(5);
  });

  it('does not include a request whose client disconnects', async () => {
    for (const endpoint of stage.alive) endpoint.behave(() => ({ delay: 200 }));
    await stage.serve('abc', { balance: 'least_conn' });
    for (let i = 0; i < 9; i += 1) {
      const outgoing = request({ port: stage.nginx.port, headers: { 'X-Route': ID } });
      outgoing.on('error', () => undefined);
      outgoing.end();
      await underWay(stage.alive, 1);
      outgoing.destroy();
      await underWay(stage.alive, 0);
    }
    const found = await until('the requests to end', async () => {
      const list = Object.values(await stage.states());
      return list.every(({ inFlight }) => inFlight === 0) ? list : undefined;
    });
    expect(found.map(({ fails }) => fails)).toEqual([0, 0, 0]);
    expect(stage.alive.map((endpoint) => endpoint.count())).toEqual([3, 3, 3]);
  });
});

it('the error log of NGINX contains no Lua errors', () => {
  for (const { nginx } of [stage, strict])
    expect(nginx.errorLog()).not.toMatch(/lua entry thread aborted|runtime error|failed to run/);
});
