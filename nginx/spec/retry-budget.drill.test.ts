/** The retry budget of a backend limits failed retries, however many requests there are, but not successful retries. */
import { describe, expect, it } from 'vitest';
import { oneByOne, tally } from './balancing-endpoint.ts';
import type { Stage } from './balancing-stage.ts';
import type { Answer } from './request.ts';
import { stageOfFile } from './stage-of-file.ts';

const stage = stageOfFile();
/** A stage in which requests are retried after some statuses. */
const strict = stageOfFile('proxy_next_upstream error timeout http_503 http_404 non_idempotent;');

const RESERVE = 100;
const BY_REQUEST = 0.2;
const BY_SECOND = 10;

/** The number of retries, according to `$upstream_addr`. */
function further(answers: readonly Answer[]): number {
  const addresses = answers.map((answer) => String(answer.headers['x-upstream-addr']).split(', '));
  return addresses.flatMap((each) => each.filter((address) => address.includes(':')).slice(1)).length;
}

function reached(endpoints: Stage['alive']): number {
  return endpoints.reduce((sum, endpoint) => sum + endpoint.count(), 0);
}

describe('if no endpoint answers', () => {
  it('a few requests are all retried at all endpoints, but most of a large number of requests are not', async () => {
    await stage.serve('xyz');
    const started = performance.now();
    expect(further(await oneByOne(10, stage.send))).toBe(20);
    const requests = 390;
    expect(tally(await oneByOne(requests, stage.send))).toEqual({ 502: requests });
    const seconds = (performance.now() - started) / 1000;
    const most = RESERVE + BY_REQUEST * (requests + 10) + BY_SECOND * seconds;
    // One more retry is possible, because NGINX's clock is less exact than the clock of the test.
    expect(reached(stage.dead)).toBeLessThanOrEqual(requests + 10 + most + 1);
    expect(reached(stage.dead)).toBeGreaterThan(requests + RESERVE);
    expect(stage.nginx.errorLog()).toContain(`${stage.backend()}: requests are not retried for now`);
  });

  it('an exhausted retry budget of one backend does not affect another backend', async () => {
    await stage.serve('xyz');
    await oneByOne(200, stage.send);
    stage.begin();
    await stage.serve('xyz');
    expect(further(await oneByOne(10, stage.send))).toBe(20);
  });

  it('a request that is not retried gets the error response of its only attempt', async () => {
    for (const endpoint of strict.alive) endpoint.behave(() => ({ status: 503 }));
    await strict.serve('abc');
    const answers = await oneByOne(300, strict.send);
    expect(tally(answers)).toEqual({ 503: 300 });
    // The bodies are names of endpoints, so the answers do not come from NGINX itself.
    expect(new Set(answers.map(({ body }) => body))).toEqual(new Set(['a', 'b', 'c']));
    expect(further(answers.slice(-50))).toBeLessThan(50);
  });
});

describe('if one endpoint answers', () => {
  it('every failed request is retried, however many requests there are', async () => {
    // At most one of the endpoints x and y can be left out.
    await stage.serve('axy');
    const answers = await oneByOne(700, stage.send);
    expect(tally(answers)).toEqual({ a: 700 });
    expect(further(answers)).toBeGreaterThan(RESERVE + BY_REQUEST * 700);
  });

  it('responses with 404 do not use up the retry budget, because they are not failures', async () => {
    for (const endpoint of strict.alive.slice(0, 2)) endpoint.behave(() => ({ status: 404 }));
    await strict.serve('abc');
    const answers = await oneByOne(400, strict.send);
    expect(tally(answers)).toEqual({ c: 400 });
    expect(further(answers)).toBeGreaterThan(RESERVE + BY_REQUEST * 400);
  });

  it('requests are retried again after the endpoints have recovered', async () => {
    await stage.serve('xyz');
    await oneByOne(200, stage.send);
    for (const endpoint of stage.dead) endpoint.behave(() => ({}));
    expect(tally((await oneByOne(60, stage.send)).slice(-30))).not.toHaveProperty('502');
    stage.dead[0].behave(() => ({ drop: true }));
    expect(tally(await oneByOne(30, stage.send))).not.toHaveProperty('502');
  });
});
