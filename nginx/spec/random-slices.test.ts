/**
 * NGINX's workers accept every backend that the model builds, whatever EndpointSlices and Services contain: a refused
 * backend would make the controller report that NGINX is not healthy because of one tenant.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { V1Service } from '@kubernetes/client-node';
import { DEFAULT_BOUNDS } from '../../controller/model/contract/bounds.ts';
import { resolveBackend } from '../../controller/model/host/backends/backends.ts';
import { refusedOf, refusedProblem } from '../../controller/model/host/backends/refused-addresses.ts';
import { NO_EXCEPTIONS } from '../../controller/types/addresses.ts';
import type { KeptSlice } from '../../controller/types/endpoint-slice.ts';
import { emptySnapshot } from '../../controller/types/snapshot.ts';
import { freePort } from '../../e2e/runner/port.ts';
import { type Fixture, startFixture } from './fixture.ts';
import { request } from './request.ts';

/** Lua code that decodes a backend in each line of the body, and prints why the first refused one is refused. */
const DECODE = `
  ngx.req.read_body()
  for line in string.gmatch(ngx.req.get_body_data(), "[^\\n]+") do
    local value, reason = require("tidegate.shapes.entry").decode("b:shop/web/80", line)
    if not value then return ngx.say(line, " ", reason) end
  end
  ngx.say("accepted")`;

let nginx: Fixture;
let port: number;

beforeAll(async () => {
  port = await freePort();
  nginx = await startFixture({
    http: `server { listen 127.0.0.1:${port}; client_body_buffer_size 1m; location / { content_by_lua_block { ${DECODE} } } }`,
  });
});

afterAll(() => nginx?.stop());

const number = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(80, 8080, 1, 65_535) },
  fc.constantFrom<unknown>(
    0,
    -1,
    65_536,
    70_000,
    2 ** 31 - 1,
    80.5,
    NaN,
    1e21,
    '80',
    '80;}',
    '',
    null,
    undefined,
    {},
    [],
  ),
  fc.integer(),
);
const address = fc.oneof(
  fc.constantFrom(
    '10.0.0.7',
    '010.0.0.7',
    '10.0.7',
    '10.0.0.7 ',
    '',
    '10.0.0.7; }',
    '10.0.0.7:80',
    '0x0a.0.0.7',
    '1.2.3.4\0',
  ),
  fc.constantFrom(
    'fd00::7',
    'fd00::7%eth0',
    '[fd00::7]',
    'fd00:::7',
    '1:2:3:4:5:6:7::',
    '::ffff:10.0.0.7',
    '1::2::3',
    'FD00::A',
  ),
  fc.ipV4(),
  fc.ipV6(),
  fc.string(),
);
const slice = fc.record(
  {
    addressType: fc.constantFrom('IPv4', 'IPv6', 'FQDN', 'x', ''),
    ports: fc.array(fc.record({ name: fc.constantFrom('http', '', 'x"y', undefined), port: number }), { maxLength: 3 }),
    endpoints: fc.array(
      fc.record(
        {
          addresses: fc.array(address, { maxLength: 3 }),
          conditions: fc.record({ ready: fc.boolean(), serving: fc.boolean(), terminating: fc.boolean() }),
          hints: fc.record({ forZones: fc.array(fc.record({ name: fc.string() })) }),
        },
        { requiredKeys: ['addresses'] },
      ),
      { maxLength: 3 },
    ),
  },
  { requiredKeys: ['addressType'] },
);
const service = fc.record(
  {
    type: fc.constantFrom('ClusterIP', 'ExternalName'),
    clusterIP: address,
    externalName: address,
    ports: fc.array(fc.record({ name: fc.constantFrom('http', ''), port: number, targetPort: number }), {
      maxLength: 3,
    }),
  },
  { requiredKeys: [] },
);
const ref = fc.record({ port: fc.constantFrom<number | string>(80, 'http', 70_000), viaService: fc.boolean() });

/** What is invalid is left out, and reported for the object and field that contain it. */
test('every backend that is built from random Services and EndpointSlices is accepted', async () => {
  const lines = new Set<string>();
  const reported = new Set<string>();
  fc.assert(
    fc.property(service, fc.array(slice, { maxLength: 3 }), ref, (spec, slices, { port: wanted, viaService }) => {
      const named = slices.map((each, at) => ({ ...each, metadata: { namespace: 'shop', name: `web-${at}` } }));
      const { backend } = resolveBackend(
        { namespace: 'shop', service: 'web', port: wanted, ...(viaService && { viaService: true as const }) },
        {
          ...emptySnapshot(),
          Service: new Map([['shop/web', { metadata: { namespace: 'shop', name: 'web' }, spec } as V1Service]]),
          slicesOfService: new Map([['shop/web', named as unknown as KeptSlice[]]]),
        },
        new Map(),
        { bounds: DEFAULT_BOUNDS, addresses: NO_EXCEPTIONS, zone: 'a' },
      );
      lines.add(JSON.stringify(backend));
      for (const refused of refusedOf(backend)) {
        const problem = refusedProblem(refused, { object: { kind: 'Ingress', namespace: '', name: '' }, field: [] });
        expect(problem.object?.name).toMatch(/^web/);
        expect(problem.field?.length).toBeGreaterThan(1);
        reported.add(problem.code);
      }
    }),
    { numRuns: 3000 },
  );
  // The sweep also builds valid backends, and refuses both kinds of values.
  expect(lines.size).toBeGreaterThan(100);
  expect([...reported].toSorted()).toEqual(['invalid-port', 'refused-address']);
  const all = [...lines];
  for (let at = 0; at < all.length; at += 500) {
    const body = all.slice(at, at + 500).join('\n');
    const headers = { 'Content-Length': String(Buffer.byteLength(body)) };
    expect((await request({ port, method: 'POST', headers, body })).body.trim()).toBe('accepted');
  }
});
