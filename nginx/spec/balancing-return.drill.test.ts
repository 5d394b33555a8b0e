/** Endpoints that are left out of balancing: what a change to the endpoints does, and when they are used again. */
import { describe, expect, it } from 'vitest';
import { oneByOne, tally } from './balancing-endpoint.ts';
import { until } from './fixture.ts';
import { stageOfFile } from './stage-of-file.ts';

const stage = stageOfFile();

async function untilOut(names: string): Promise<void> {
  await until(`${names} to be left out`, async () => {
    await stage.send();
    return (await stage.out()) === names ? true : undefined;
  });
}

async function untilDue(name: string): Promise<void> {
  const isDue = async () => ((await stage.states())[name]?.probe === 0 ? true : undefined);
  await until(`${name} to be due`, isDue, 15_000);
}

describe('after a change to the endpoints', () => {
  it('an endpoint that was left out of balancing is still left out', async () => {
    await stage.serve('abx');
    await untilOut('x');
    await stage.nginx.api.push(stage.members('abcx'));
    expect(tally(await oneByOne(12, stage.send))).toEqual({ a: 4, b: 4, c: 4 });
    expect(stage.dead[0].count()).toBe(3);
    expect(await stage.out()).toBe('x');
  });

  it('an endpoint is still left out, even if so many keys change that the worker drops its caches', async () => {
    await stage.serve('abx');
    await untilOut('x');
    const others = Array.from({ length: 1100 }, (_, i) => [`b:other/web${i}/80`, { endpoints: [] }] as const);
    await stage.nginx.api.push(Object.fromEntries(others));
    await stage.nginx.api.push(stage.members('abcx'));
    expect(tally(await oneByOne(12, stage.send))).toEqual({ a: 4, b: 4, c: 4 });
  });

  it('an endpoint that was left out is used again if more than half of the endpoints would be left out', async () => {
    await stage.serve('abxy');
    await untilOut('xy');
    await stage.nginx.api.push(stage.members('axy'));
    expect(await stage.out()).toHaveLength(1);
    await stage.nginx.api.push(stage.members('x'));
    expect(await stage.out()).toBe('');
    expect(stage.nginx.errorLog()).toContain('is used again: too few endpoints are left');
  });

  it('an endpoint is no longer left out if its backend was removed and added again', async () => {
    await stage.serve('abx');
    await untilOut('x');
    await stage.nginx.api.push({ [`b:${stage.backend()}`]: null });
    expect((await stage.send()).status).toBe(503);
    await stage.nginx.api.push(stage.members('abx'));
    expect((await stage.states())['x']).toMatchObject({ out: false, fails: 0 });
  });
});

describe('ten seconds after an endpoint was left out of balancing', () => {
  it('the endpoint gets one trial request, and is used again only if it answers', async () => {
    await stage.serve('acx');
    await untilOut('x');
    const failing = stage.backend();
    stage.begin();
    const [x, y] = stage.dead;
    await stage.serve('aby');
    await untilOut('y');

    await untilDue('y');
    y.behave(() => ({ delay: 200 }));
    const answers = await Promise.all(Array.from({ length: 9 }, () => stage.send()));
    expect(tally(answers)['y']).toBe(1);
    expect(await stage.out()).toBe('');
    expect(tally(await oneByOne(9, stage.send))).toEqual({ a: 3, b: 3, y: 3 });
    expect(stage.nginx.errorLog()).toContain(`${stage.backend()}: ${y.id} is used again: it answers`);

    stage.begin(failing);
    await stage.serve('acx');
    await untilDue('x');
    expect(Object.keys(tally(await oneByOne(9, stage.send))).sort()).toEqual(['a', 'c']);
    expect(x.count()).toBe(1);
    expect((await stage.states())['x']).toMatchObject({ out: true, fails: 4 });
  }, 40_000);
});

it('the error log of NGINX contains no Lua errors', () => {
  expect(stage.nginx.errorLog()).not.toMatch(/lua entry thread aborted|runtime error|failed to run/);
});
