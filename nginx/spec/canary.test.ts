/** How workers choose between a route and its canaries, in cases that manifests cannot express. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LiveCanary } from '../../controller/types/live.ts';
import { startBackend } from './backends.ts';
import type { Backend, Seen } from './backends.ts';
import { startFixture } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { endpoints, route } from './live.ts';

const ID = '00000000000000ca';

let nginx: Fixture;
let backends: readonly Backend[];

beforeAll(async () => {
  backends = await Promise.all(['web', 'beta'].map((name) => startBackend(name)));
  nginx = await startFixture();
  const [web, beta] = backends.map(({ port }) => endpoints(port));
  await nginx.api.push({ 'b:shop/web/80': web ?? null, 'b:shop/beta/80': beta ?? null });
});

afterAll(async () => {
  await nginx?.stop();
  for (const backend of backends ?? []) await backend.close();
});

/** Pushes a route with these canaries, and returns which backend answers a request with these headers. */
async function ask(canaries: readonly Partial<LiveCanary>[], headers: Record<string, string> = {}): Promise<string> {
  const whole = canaries.map((canary): LiveCanary => ({
    backend: 'shop/beta/80',
    balance: 'round_robin',
    weight: 0,
    total: 100,
    ...canary,
  }));
  await nginx.api.push({ [`r:${ID}`]: route('shop/web/80', { canaries: whole }) });
  const answer = await nginx.get('/', ID, { headers });
  expect(answer.status).toBe(200);
  return (JSON.parse(answer.body) as Seen).backend;
}

it('if PCRE rejects the pattern of a canary, requests with the header go to the backend of the route', async () => {
  const header = { name: 'X-Group', pattern: '(?<n>a)(?<n>b' };
  expect(await ask([{ header, weight: 100 }], { 'X-Group': 'ab' })).toBe('web');
  expect(await ask([{ header, weight: 100 }])).toBe('beta');
  expect(nginx.errorLog()).toContain('canary-by-header-pattern');
});

it('if matching the pattern of a canary takes too long, the request goes to the backend of the route', async () => {
  const header = { name: 'X-Group', pattern: '^(a|a)*$' };
  expect(await ask([{ header, weight: 100 }], { 'X-Group': `${'a'.repeat(200)}b` })).toBe('web');
  expect(await ask([{ header }], { 'X-Group': 'aa' })).toBe('beta');
});

it('a header value of more than 2,048 bytes does not match the pattern of a canary', async () => {
  const header = { name: 'X-Group', pattern: 'a$' };
  expect(await ask([{ header }], { 'X-Group': 'a'.repeat(2048) })).toBe('beta');
  expect(await ask([{ header }], { 'X-Group': 'a'.repeat(2049) })).toBe('web');
});

it('three canaries that each have a weight of a third together get all requests', async () => {
  const third = { weight: 1, total: 3 };
  for (let i = 0; i < 50; i += 1) expect(await ask([third, third, third])).toBe('beta');
});

it('if the backend of a canary does not exist, all requests go to the backend of the route', async () => {
  expect(await ask([{ backend: 'shop/missing/80', weight: 100 }])).toBe('web');
});
