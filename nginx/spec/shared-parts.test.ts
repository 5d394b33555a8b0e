/** Parts are long values that several routes share. A route with a part behaves as if it contained the value. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SharedPart } from '../../controller/types/live.ts';
import type { LiveRoute } from '../../controller/types/live-route.ts';
import { route } from './live.ts';
import { ID, startOneRoute } from './one-route.ts';
import type { OneRoute } from './one-route.ts';

const [FIRST, SECOND] = ['1'.repeat(32), '2'.repeat(32)];

let one: OneRoute;

beforeAll(async () => {
  one = await startOneRoute();
});

afterAll(() => one?.stop());

const part = (value: unknown) => ({ text: JSON.stringify({ value }) });
const sharing = (changes: Partial<LiveRoute>, ...shared: readonly SharedPart[]) => ({
  text: JSON.stringify({ ...route('shop/web/80', changes), shared }),
});
const headersOf = async (headers = {}) => (await one.nginx.get('/headers/', ID, { headers })).headers;

it('a part can provide a field of a route, or a field within such a field', async () => {
  await one.nginx.api.push({
    [`p:${FIRST}`]: part([['X-Shared', 'yes']]),
    [`p:${SECOND}`]: part(['https://a.example', 'https://*.b.example']),
    [`r:${ID}`]: sharing(
      { cors: { methods: 'GET', headers: 'X-A', maxAge: 1 } },
      [FIRST, 'responseHeaders'],
      [SECOND, 'cors', 'origins'],
    ),
  });
  expect(await headersOf()).toMatchObject({ 'x-shared': 'yes', vary: 'Origin' });
  expect(await headersOf()).not.toHaveProperty('access-control-allow-origin');
  for (const Origin of ['https://a.example', 'https://c.b.example'])
    expect(await headersOf({ Origin })).toMatchObject({ 'access-control-allow-origin': Origin });
  expect(await headersOf({ Origin: 'https://c.example' })).not.toHaveProperty('access-control-allow-origin');
});

it('an update of a route can replace its part with another part, or remove it', async () => {
  await one.nginx.api.push({
    [`p:${FIRST}`]: part([['X-Shared', 'first']]),
    [`p:${SECOND}`]: part([['X-Shared', 'second']]),
    [`r:${ID}`]: sharing({}, [FIRST, 'responseHeaders']),
  });
  expect(await headersOf()).toMatchObject({ 'x-shared': 'first' });
  await one.nginx.api.push({ [`r:${ID}`]: sharing({}, [SECOND, 'responseHeaders']) });
  expect(await headersOf()).toMatchObject({ 'x-shared': 'second' });
  await one.nginx.api.push({ [`r:${ID}`]: route('shop/web/80'), [`p:${FIRST}`]: null, [`p:${SECOND}`]: null });
  expect(await headersOf()).not.toHaveProperty('x-shared');
});

it('a route whose part does not exist answers 503', async () => {
  await one.nginx.api.push({ [`p:${FIRST}`]: part([['X-Shared', 'first']]) });
  await one.nginx.api.push({ [`r:${ID}`]: sharing({}, [FIRST, 'responseHeaders']) });
  await one.nginx.api.push({ [`p:${FIRST}`]: null });
  expect((await one.nginx.get('/', ID)).status).toBe(503);
});
