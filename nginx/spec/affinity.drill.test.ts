/** Session affinity: how a route with the field `affinity` binds clients to endpoints by a cookie. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { oneByOne, tally } from './balancing-endpoint.ts';
import { ID } from './balancing-stage.ts';
import { onChainedRing } from './chained-ring.ts';
import { until } from './fixture.ts';
import { route } from './live.ts';
import type { Answer } from './request.ts';
import { stageOfFile } from './stage-of-file.ts';
import type { LiveAffinity } from '../../controller/types/live.ts';

const BALANCED: LiveAffinity = { cookie: 'stick' };
const PERSISTENT: LiveAffinity = { cookie: 'stick', persistent: true };

const stage = stageOfFile();

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** The digest of a backend's name, which is the second half of the affinity cookies for the backend. */
function idOf(backend: string): string {
  const upstream = backend.replaceAll('/', '-');
  return md5(md5(upstream) + upstream);
}

function cookieOf(answer: Answer): string | undefined {
  return answer.headers['set-cookie']?.[0]?.split(';')[0];
}

async function visit(cookie?: string): Promise<Answer> {
  return stage.send(cookie === undefined ? {} : { headers: { Cookie: cookie } });
}

/** Sends requests of new clients, and returns the cookie and the endpoint of each. */
async function newClients(count: number): Promise<{ cookie: string; at: string }[]> {
  const answers = await oneByOne(count, visit);
  return answers.map((answer) => ({ cookie: cookieOf(answer) ?? '', at: answer.body }));
}

/** The current endpoints of these clients. Checks that no response sets a cookie. */
async function endpointsOf(clients: readonly { cookie: string }[]): Promise<string[]> {
  const found: string[] = [];
  for (const { cookie } of clients) {
    const answer = await visit(cookie);
    expect(answer.headers['set-cookie']).toBeUndefined();
    found.push(answer.body);
  }
  return found;
}

describe.each([
  ['balanced', BALANCED],
  ['persistent', PERSISTENT],
])('affinity in %s mode', (_, affinity) => {
  it('sets a cookie only once, and the cookie leads to the same endpoint in every worker', async () => {
    await stage.serve('abc', { affinity });
    const clients = await newClients(30);
    expect(new Set(clients.map(({ at }) => at))).toEqual(new Set(['a', 'b', 'c']));
    for (const { cookie } of clients)
      expect(cookie).toMatch(new RegExp(`^stick=[0-9a-f]{32}\\|${idOf(stage.backend())}$`));
    expect(await endpointsOf(clients)).toEqual(clients.map(({ at }) => at));
    await stage.nginx.reload();
    expect(await endpointsOf(clients)).toEqual(clients.map(({ at }) => at));
  });

  it('sets a new cookie if the cookie in the request is invalid or belongs to another backend', async () => {
    await stage.serve('abc', { affinity });
    const key = md5('key');
    for (const value of [`${key}|${idOf('shop/other/80')}`, key, `|${idOf(stage.backend())}`, '', '|']) {
      expect(cookieOf(await visit(`stick=${value}`)), value).toBeDefined();
    }
  });

  it('finds the affinity cookie among cookies whose names are the same or end with the same string', async () => {
    await stage.serve('abc', { affinity });
    for (const { cookie, at } of await newClients(6)) {
      const others = `stick=x|${idOf('shop/other/80')}`;
      const answer = await visit(`a=b; lipstick=1|2; ${others}; ${cookie}; stick=; c=d`);
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(answer.body).toBe(at);
    }
  });

  it('moves clients only to an added endpoint, and back when the added endpoint is removed', async () => {
    await stage.serve('ab', { affinity });
    const clients = await newClients(60);
    await stage.nginx.api.push(stage.members('abc'));
    const grown = await endpointsOf(clients);
    const moved = clients.filter(({ at }, i) => grown[i] !== at);
    clients.forEach(({ at }, i) => expect([at, 'c']).toContain(grown[i]));
    if (affinity.persistent) expect(moved).toEqual([]);
    else expect(moved.length).toBeGreaterThan(0);
    await stage.nginx.api.push(stage.members('ab'));
    expect(await endpointsOf(clients)).toEqual(clients.map(({ at }) => at));
  });

  it('moves only the clients of a removed endpoint', async () => {
    await stage.serve('abc', { affinity });
    const clients = await newClients(30);
    await stage.nginx.api.push(stage.members('ab'));
    for (const { cookie, at } of clients) {
      const answer = await visit(cookie);
      if (at === 'c') expect(['a', 'b']).toContain(answer.body);
      else expect(answer.body).toBe(at);
      expect(answer.headers['set-cookie'] !== undefined).toBe(affinity.persistent === true && at === 'c');
    }
  });

  it('sends clients of a failing endpoint to other endpoints, and back when the endpoint answers again', async () => {
    const [x] = stage.dead;
    x.behave(() => ({}));
    await stage.serve('abx', { affinity });
    const clients = (await newClients(24)).filter(({ at }) => at === 'x');
    x.behave(() => ({ drop: true }));
    const away = await endpointsOf(clients);
    expect(clients.length).toBeGreaterThan(0);
    expect(away).not.toContain('x');
    expect(await endpointsOf(clients)).toEqual(away);
    expect(await stage.out()).toBe('x');
    x.behave(() => ({}));
    await until(
      'the endpoint to be tried',
      async () => ((await endpointsOf(clients)).every((at) => at === 'x') ? true : undefined),
      15_000,
    );
    expect(await stage.out()).toBe('');
  }, 30_000);

  it('with changeOnFailure, a moved client does not return when its first endpoint answers again', async () => {
    const [x] = stage.dead;
    x.behave(() => ({}));
    await stage.serve('abx', { affinity: { ...affinity, changeOnFailure: true } });
    const [client] = (await newClients(24)).filter(({ at }) => at === 'x');
    x.behave(() => ({ drop: true }));
    const answer = await visit(client?.cookie);
    expect(['a', 'b']).toContain(answer.body);
    const cookie = cookieOf(answer) ?? '';
    x.behave(() => ({}));
    expect(await endpointsOf([{ cookie }])).toEqual([answer.body]);
  });

  it('does not bind new clients to a failing endpoint', async () => {
    await stage.serve('abx', { affinity });
    const clients = await newClients(24);
    expect(clients.map(({ at }) => at)).not.toContain('x');
    expect(await endpointsOf(clients)).toEqual(clients.map(({ at }) => at));
  });

  it('retries a request once at the same endpoint if the endpoint closed the connection', async () => {
    await stage.serve('abc', { affinity });
    const [client] = await newClients(1);
    for (const endpoint of stage.alive) endpoint.behave((request) => ({ drop: request === 1 }));
    const answer = await visit(client?.cookie);
    expect(answer.body).toBe(client?.at);
    expect(String(answer.headers['x-upstream-addr']).split(', ')).toHaveLength(2);
  });
});

describe('affinity cookies that ingress-nginx has set', () => {
  it('lead to the same endpoint as in ingress-nginx in persistent mode', async () => {
    await stage.serve('abc', { affinity: PERSISTENT });
    const upstream = stage.backend().replaceAll('/', '-');
    for (const { id, name } of stage.alive) {
      const cookie = `stick=${md5(upstream + id)}|${idOf(stage.backend())}`;
      expect(await endpointsOf([{ cookie }])).toEqual([name]);
    }
  });

  it('lead to the same endpoint as in ingress-nginx in balanced mode', async () => {
    const backend = 'shop/old/80';
    const ports = [9030, 9031, 9032];
    const live = { endpoints: ports.map((port) => ['127.9.9.9', port, 1] as const) };
    const affinity = BALANCED;
    await stage.nginx.api.push({ [`b:${backend}`]: live, [`r:${ID}`]: route(backend, { affinity, tries: 1 }) });
    const keys = Array.from({ length: 60 }, (_, i) => `${1795903667 + i}.239.25915.8896${i}`);
    const owners = onChainedRing(
      ports.map((port) => `127.9.9.9:${port}`),
      keys,
    );
    // One request for each endpoint is enough. More requests would not work: no process listens on these addresses, and
    // endpoints that fail repeatedly are left out.
    const firsts = [...new Set(owners)].map((owner) => [keys[owners.indexOf(owner)], owner] as const);
    expect(firsts).toHaveLength(ports.length);
    for (const [key, owner] of firsts) {
      const answer = await visit(`stick=${key}|${idOf(backend)}`);
      expect(answer.headers['x-upstream-addr'], key).toBe(owner);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });
});

describe('the affinity cookie', () => {
  async function attributes(affinity: Partial<LiveAffinity>, path = '/', headers = {}): Promise<string> {
    await stage.nginx.api.push({
      ...stage.members('a'),
      [`r:${ID}`]: route(stage.backend(), { affinity: { ...PERSISTENT, ...affinity }, path }),
    });
    const [cookie = ''] = (await stage.send({ headers })).headers['set-cookie'] ?? [];
    return cookie.replace(/^[^;]*; /, '');
  }

  it('has its attributes in the same order as in ingress-nginx', async () => {
    expect(await attributes({})).toBe('Path=/; HttpOnly');
    expect(await attributes({ maxAge: 60, domain: 'a.test', path: '/x', secure: true, sameSite: 'Lax' })).toBe(
      'Max-Age=60; Domain=a.test; Path=/x; Secure; HttpOnly; SameSite=Lax',
    );
  });

  it('has an Expires date that is the given number of seconds in the future', async () => {
    const [expires = '', ...rest] = (await attributes({ expires: 3600 })).split('; ');
    expect(expires).toMatch(/^Expires=\w{3}, \d\d-\w{3}-\d\d \d\d:\d\d:\d\d GMT$/);
    expect(Math.abs(Date.parse(expires.slice(8)) - Date.now() - 3_600_000)).toBeLessThan(60_000);
    expect(rest).toEqual(['Path=/', 'HttpOnly']);
  });

  it("has the route's path as its Path, encoded so that the path cannot add an attribute", async () => {
    expect(await attributes({}, '/shop')).toBe('Path=/shop; HttpOnly');
    expect(await attributes({}, '/a;Domain=b c')).toBe('Path=/a%3BDomain=b%20c; HttpOnly');
  });

  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/60.0.3112.90 Safari/537.36', false],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36', true],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X) AppleWebKit/605.1.15 Version/12.1 Safari/604.1', false],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Safari/604.1', true],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_6) AppleWebKit/605.1.15 Version/12.1.2 Safari/605.1.15', false],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15', true],
    ['curl/8', true],
  ])('with conditionalNone, has SameSite=None only if the user agent supports it; %s: %s', async (agent, told) => {
    const headers = { 'User-Agent': agent };
    const text = await attributes({ sameSite: 'None', conditionalNone: true }, '/', headers);
    expect(text).toBe(`Path=/; HttpOnly${told ? '; SameSite=None' : ''}`);
    expect(await attributes({ sameSite: 'None' }, '/', headers)).toContain('SameSite=None');
  });
});

it('new clients of a route with persistent affinity are distributed round robin', async () => {
  await stage.serve('abc', { affinity: PERSISTENT });
  expect(tally(await oneByOne(30, visit))).toEqual({ a: 10, b: 10, c: 10 });
});

it.each([
  [{ cookie: 'a;b' }, 'field "cookie"'],
  [{ cookie: 'a', path: '/;x' }, 'field "path"'],
  [{ cookie: 'a', domain: 'a b' }, 'field "domain"'],
  [{ cookie: 'a', maxAge: '5' }, 'field "maxAge"'],
  [{ cookie: 'a', sameSite: 'none' }, 'field "sameSite"'],
  [{ cookie: 'a', persistent: false }, 'field "persistent"'],
  [{ cookie: 'a', x: 1 }, 'field "x" is unknown'],
])('a delta whose route has the affinity %j is refused', async (affinity, reason) => {
  const text = JSON.stringify({ ...route(null), affinity });
  await expect(stage.nginx.api.push({ [`r:${ID}`]: { text } })).rejects.toThrow(reason.replaceAll('"', '\\"'));
});

it('the error log of NGINX contains no Lua errors', () => {
  expect(stage.nginx.errorLog()).not.toMatch(/lua entry thread aborted|runtime error|failed to run|failed to load/);
});
