/** The inspection API survives whatever bytes a client sends to its socket, and keeps none of them in memory. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { malformedRequests, sendBytes } from '../../../e2e/client/malformed-http.ts';
import { temporaryFolder } from '../../cluster/fixtures/temporary-folder.ts';
import { randomOf } from '../../golden/values/random.ts';
import { createInspectionClient } from '../client/client.ts';
import { describeProblem, ingressYaml, serviceManifests, siteOf } from '../fixtures/inspected.ts';
import { createInspection } from '../inspection.ts';
import { CHANGES_PATH, ENDPOINTS, type EndpointName, pathOf } from '../schema/endpoints.ts';

const CONNECTIONS = Number(process.env['TIDEGATE_FUZZ_CONNECTIONS'] ?? 3000);
const AT_ONCE = 8;
const MEGABYTE = 1024 * 1024;

test(
  'answers as before after random requests, and its memory does not grow',
  async () => {
    const { source } = await siteOf(
      [ingressYaml('web', 'shop.example.com', { '/': 'web:80' }), serviceManifests('web', ['10.0.0.1'])].join('\n'),
    );
    const inspection = createInspection({ source, describe: describeProblem });
    onTestFinished(() => inspection.close());
    const socket = join(await temporaryFolder(), 'inspect.sock');
    expect(await inspection.listen({ socket, port: undefined })).toMatchObject({ obstacles: [] });
    const client = createInspectionClient(socket);
    const before = await client.get('routes');
    expect(before.ok).toBe(true);
    const known = [...(Object.keys(ENDPOINTS) as EndpointName[]).map(pathOf), CHANGES_PATH];
    const paths = [
      ...known,
      ...known.map((path) => `${path}?host=shop.example.com&limit=1&url=http://shop.example.com/`),
      '/',
    ];
    const shapes = { paths, bodies: ['', '{}'] };
    const heap = process.memoryUsage().heapUsed;
    const statuses = new Set<number | undefined>();
    const lanes = Array.from({ length: AT_ONCE }, async (_, lane) => {
      const random = randomOf(lane + 1);
      for (let sent = 0; sent < CONNECTIONS / AT_ONCE; sent += 1)
        statuses.add(await sendBytes(socket, malformedRequests(random, shapes), random, 100));
    });
    await Promise.all(lanes);
    // The requests get past the HTTP parser to various depths.
    expect([...statuses]).toEqual(expect.arrayContaining([undefined, 200, 400, 403, 404, 405]));
    await expect.poll(async () => client.get('routes')).toEqual(before);
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(200 * MEGABYTE);
  },
  10 * 60_000,
);
