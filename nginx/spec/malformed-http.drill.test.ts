/** The live API survives whatever bytes a client sends to its socket, and none of them changes its data. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { malformedRequests, sendBytes } from '../../e2e/client/malformed-http.ts';
import { randomOf } from '../../controller/golden/values/random.ts';
import { batch, endpoints } from './live.ts';
import { ID, type OneRoute, startOneRoute } from './one-route.ts';

const CONNECTIONS = Number(process.env['TIDEGATE_FUZZ_CONNECTIONS'] ?? 3000);
const AT_ONCE = 8;

let one: OneRoute;

beforeAll(async () => {
  one = await startOneRoute();
});

afterAll(() => one?.stop());

it(
  'answers as before after random requests, with the same workers and the same data',
  async () => {
    const { nginx } = one;
    // The deltas are not based on the revision in force, so even a delta that arrives intact is refused.
    const bodies = [batch(70_000, {}), batch(70_000, { 'b:shop/web/80': endpoints(1) }), '{"hash":"0"}', '{"on":true}'];
    const paths = [
      '/',
      '/v1/state',
      '/v1/keys',
      '/v1/delta',
      '/v1/announce',
      '/v1/reload',
      '/v1/endpoints',
      '/v1/end',
      '/v1/oversized',
      '/v1/nothing',
    ];
    const [workers, before, keys] = [nginx.workers(), await nginx.api.state(), await nginx.api.keys()];
    const socket = join(nginx.run, 'run/api/live.sock');
    const statuses = new Set<number | undefined>();
    const lanes = Array.from({ length: AT_ONCE }, async (_, lane) => {
      const random = randomOf(lane + 1);
      for (let sent = 0; sent < CONNECTIONS / AT_ONCE; sent += 1)
        statuses.add(await sendBytes(socket, malformedRequests(random, { paths, bodies }), random, 100));
    });
    await Promise.all(lanes);
    // The statuses show that many requests get past NGINX's HTTP parser, and reach different parts of the API.
    expect([...statuses]).toEqual(expect.arrayContaining([undefined, 200, 400, 404, 405, 409]));
    const after = await nginx.api.state();
    expect([after.revision, after.digest, after.free]).toEqual([before.revision, before.digest, before.free]);
    expect(await nginx.api.keys()).toEqual(keys);
    expect(nginx.workers()).toEqual(workers);
    expect(nginx.errorLog()).not.toMatch(/exited on signal|\[(alert|emerg|crit)\]|runtime error|attempt to /);
    expect((await nginx.get('/', ID)).body).toContain('one');
  },
  10 * 60_000,
);
