import type { V1Endpoint, V1Service } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { type AddressRules, NO_EXCEPTIONS, OWN_PORTS } from '../../../types/addresses.ts';
import { keptEndpoint, type KeptSlice } from '../../../types/endpoint-slice.ts';
import { emptySnapshot, type Snapshot } from '../../../types/snapshot.ts';
import { resolveBackend } from './backends.ts';
import type { EndpointRules } from './endpoint-rules.ts';
import { DEFAULT_BOUNDS } from '../../contract/bounds.ts';
import { refusedOf, refusedProblem } from './refused-addresses.ts';

const RULES: EndpointRules = { bounds: DEFAULT_BOUNDS, addresses: NO_EXCEPTIONS };

const ports = [{ name: 'http', port: 80, targetPort: 8080 }];

function cluster(spec: V1Service['spec'], slices: readonly Partial<KeptSlice>[] = []): Snapshot {
  const full = slices.map((slice): KeptSlice => ({
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080 }],
    endpoints: [],
    ...slice,
  }));
  return {
    ...emptySnapshot(),
    Service: new Map([
      ['shop/web', { metadata: { name: 'web', namespace: 'shop' }, ...(spec === undefined ? {} : { spec }) }],
    ]),
    slicesOfService: new Map([['shop/web', full]]),
  };
}

const ref = (port: number | string) => ({ namespace: 'shop', service: 'web', port });
const ready = (...addresses: string[]) =>
  addresses.map((address) => ({ addresses: [address], conditions: { ready: true } }));
const endpoints = (snapshot: Snapshot, port: number | string = 80) =>
  resolveBackend(ref(port), snapshot, new Map(), RULES).backend.endpoints;

test.each([80, 8080, 'http'])('the port of a Service is found by number, targetPort or name: %s', (port) => {
  expect(endpoints(cluster({ ports }, [{ endpoints: ready('10.0.0.1') }]), port)).toEqual([['10.0.0.1', 8080, 1]]);
});

test("only the TCP port of a slice that has the name of the Service's port is used", () => {
  const slices = [
    { ports: [{ name: 'admin', port: 9000 }], endpoints: ready('10.0.0.1') },
    { ports: [{ name: 'http', port: 8080, protocol: 'UDP' }], endpoints: ready('10.0.0.2') },
  ];
  expect(endpoints(cluster({ ports }, slices))).toEqual([]);
});

test('endpoints of several slices are merged, sorted and deduplicated', () => {
  const slices = [{ endpoints: ready('10.0.0.3', '10.0.0.1') }, { endpoints: ready('10.0.0.1') }];
  expect(endpoints(cluster({ ports }, slices)).map(([address]) => address)).toEqual(['10.0.0.1', '10.0.0.3']);
});

test('endpoints that are not ready are left out; if none is ready, terminating ones that serve are used', () => {
  const leaving = { addresses: ['10.0.0.9'], conditions: { ready: false, serving: true, terminating: true } };
  const dead = { addresses: ['10.0.0.8'], conditions: { ready: false, serving: false, terminating: true } };
  expect(endpoints(cluster({ ports }, [{ endpoints: [...ready('10.0.0.1'), leaving, dead] }]))).toEqual([
    ['10.0.0.1', 8080, 1],
  ]);
  expect(endpoints(cluster({ ports }, [{ endpoints: [leaving, dead] }]))).toEqual([['10.0.0.9', 8080, 1]]);
});

test('a slice without ports uses a numeric targetPort', () => {
  expect(endpoints(cluster({ ports }, [{ ports: [], endpoints: ready('10.0.0.1') }]))).toEqual([['10.0.0.1', 8080, 1]]);
});

test.each([
  ['db.example.com', ['192.0.2.1', '127.0.0.1'], [['192.0.2.1', 5432, 1]], undefined],
  ['db.example.com', ['127.0.0.1', '::1', '169.254.169.254'], [], 'refused-address'],
  ['db.example.com', undefined, [], 'unresolved-external-name'],
  ['localhost', ['10.0.0.1'], [], 'refused-external-name'],
  ['127.0.0.1', undefined, [], 'refused-address'],
  ['::ffff:127.0.0.1', undefined, [], 'refused-address'],
  ['[fd00:ec2::254]', undefined, [], 'refused-external-name'],
  ['64:ff9b::a9fe:a9fe', undefined, [], 'refused-address'],
  ['2130706433', undefined, [], 'refused-address'],
  ['unix:/run/live.sock', undefined, [], 'refused-external-name'],
  ['192.0.2.7', undefined, [['192.0.2.7', 5432, 1]], undefined],
] as const)(
  'a Service with the ExternalName %s, which resolves to %j, gets the endpoints %j',
  (externalName, addresses, expected, lack) => {
    const names = new Map(addresses === undefined ? [] : [[externalName, addresses] as const]);
    const resolved = resolveBackend(ref(5432), cluster({ type: 'ExternalName', externalName }), names, RULES);
    expect(resolved.backend.endpoints).toEqual(expected);
    expect(resolved.lack?.code).toBe(lack);
  },
);

test.each([
  [80, [{ port: 80, targetPort: 9008 }], 9008],
  ['http', [{ name: 'http', port: 80, targetPort: 9008 }], 9008],
  [80, [{ port: 80, targetPort: 'web' }], 80],
  [80, [{ port: 80 }], 80],
  [81, [{ port: 80, targetPort: 9008 }], 81],
] as const)(
  'requests for port %s of an ExternalName Service with the ports %j go to port %i',
  (port, externalPorts, expected) => {
    const spec = { type: 'ExternalName', externalName: '192.0.2.7', ports: [...externalPorts] };
    expect(resolveBackend(ref(port), cluster(spec), new Map(), RULES).backend.endpoints).toEqual([
      ['192.0.2.7', expected, 1],
    ]);
  },
);

test('only refused addresses are left out; the first one is reported with its kind, and the others are counted', () => {
  const metadata = { namespace: 'shop', name: 'web-1' };
  const slices = [
    { metadata, endpoints: ready('10.0.0.1', '169.254.169.254', '127.0.0.1') },
    { endpoints: ready('10.0.0.2') },
  ];
  const { backend, lack } = resolveBackend(ref(80), cluster({ ports }, slices), null, RULES);
  expect(backend.endpoints.map(([address]) => address)).toEqual(['10.0.0.1', '10.0.0.2']);
  expect(lack).toBeUndefined();
  const [refused] = refusedOf(backend);
  if (refused === undefined) throw new Error('nothing was refused');
  const problem = refusedProblem(refused, { object: { kind: 'Ingress', namespace: 'shop', name: 'web' }, field: [] });
  expect(problem).toMatchObject({
    code: 'refused-address',
    object: { kind: 'EndpointSlice', namespace: 'shop', name: 'web-1' },
    field: ['endpoints', 1, 'addresses', 0],
    value: '169.254.169.254',
    message: expect.stringMatching(
      /is left out: it is a link-local address; another address is refused, too; --allow-addresses/,
    ),
  });
});

test('a Service with only refused addresses has no endpoints, and the reason is reported', () => {
  const slices = [{ endpoints: ready('127.0.0.1') }];
  expect(resolveBackend(ref(80), cluster({ ports }, slices), null, RULES)).toMatchObject({
    backend: { endpoints: [] },
    lack: { code: 'refused-address', reason: expect.stringContaining('127.0.0.1 is a loopback address') },
  });
  const viaService = { ...ref(80), viaService: true as const };
  expect(resolveBackend(viaService, cluster({ ports, clusterIP: '100.100.100.200' }), null, RULES)).toMatchObject({
    backend: { endpoints: [] },
    lack: { code: 'refused-address' },
  });
});

test("--allow-addresses permits addresses; the Pod's own address is refused only on the controller's ports", () => {
  const snapshot = cluster({ ports }, [{ endpoints: ready('127.0.0.1', '10.0.0.9') }]);
  const addresses = (rules: AddressRules) =>
    resolveBackend(ref(80), snapshot, null, { ...RULES, addresses: rules }).backend.endpoints.map(
      ([address]) => address,
    );
  expect(addresses({ ...NO_EXCEPTIONS, allowed: ['127.0.0.0/8'] })).toEqual(['10.0.0.9', '127.0.0.1']);
  expect(
    addresses({ ...NO_EXCEPTIONS, reserved: [{ addresses: ['10.0.0.9'], ports: [8080], what: OWN_PORTS }] }),
  ).toEqual([]);
  expect(
    addresses({ ...NO_EXCEPTIONS, reserved: [{ addresses: ['10.0.0.9'], ports: [8443], what: OWN_PORTS }] }),
  ).toEqual(['10.0.0.9']);
});

test('a large slice is not read again when another slice of its Service changes', () => {
  let read = 0;
  const pods = Array.from({ length: 60 }, (_, index) => ({
    conditions: { ready: true },
    get addresses() {
      read += 1;
      return [`10.0.1.${index}`];
    },
  }));
  const snapshot = cluster({ ports }, [{ endpoints: pods }, { endpoints: ready('10.0.0.1') }]);
  expect(endpoints(snapshot)).toHaveLength(61);
  const before = read;
  const [large = {}] = snapshot.slicesOfService.get('shop/web') ?? [];
  const other = cluster({ ports }, [{ endpoints: ready('10.0.0.2', '10.0.0.3') }]).slicesOfService.get('shop/web');
  const slicesOfService = new Map([['shop/web', [large as KeptSlice, ...(other ?? [])]]]);
  expect(endpoints({ ...snapshot, slicesOfService })).toHaveLength(62);
  expect(read).toBe(before);
});

test('an endpoint with only the fields that caches keep gives the same result as the full endpoint', () => {
  const addresses = [['10.0.0.1'], ['10.0.0.2', '10.0.0.3']];
  const conditions = [undefined, {}, { ready: true }, { ready: true, terminating: true, serving: true }].concat([
    { ready: false },
    { ready: false, terminating: true, serving: true },
    { ready: false, terminating: true, serving: false },
  ]);
  const hints = [undefined, { forZones: [{ name: 'a' }] }, { forZones: [{ name: 'b' }] }];
  const all = addresses.flatMap((some) =>
    conditions.flatMap((each) =>
      hints.map((hint): V1Endpoint => ({
        addresses: some,
        ...(each !== undefined && { conditions: each }),
        ...(hint !== undefined && { hints: hint }),
      })),
    ),
  );
  const resolved = (kept: KeptSlice['endpoints'] = []) =>
    resolveBackend(ref(80), cluster({ ports }, [{ endpoints: kept }]), new Map(), { ...RULES, zone: 'a' }).backend;
  for (const endpoint of all) expect(resolved([keptEndpoint(endpoint)])).toEqual(resolved([endpoint]));
  expect(resolved(all.map(keptEndpoint))).toEqual(resolved(all));
  expect(all.map(keptEndpoint).filter((kept) => typeof kept === 'string')).toHaveLength(4);
});

test('the endpoints of slices beyond the limit for one Service are counted, but not used', () => {
  let read = 0;
  const behind: KeptSlice = {
    addressType: 'IPv4',
    get endpoints() {
      read += 1;
      return ready('10.0.0.9');
    },
  };
  const bounds = { ...DEFAULT_BOUNDS, serviceEndpoints: 2 };
  const snapshot = cluster({ ports }, [{ endpoints: ready('10.0.0.1', '10.0.0.2') }]);
  const [first] = snapshot.slicesOfService.get('shop/web') ?? [];
  const slices = first === undefined ? [] : [first, { ...first, endpoints: ready('10.0.0.3') }, behind];
  const resolved = resolveBackend(
    ref(80),
    { ...snapshot, slicesOfService: new Map([['shop/web', slices]]) },
    new Map(),
    { ...RULES, bounds },
  );
  expect(resolved.backend.endpoints.map(([address]) => address)).toEqual(['10.0.0.1', '10.0.0.2']);
  // The endpoints of the last slice are read once, to count them for the message.
  expect(read).toBe(1);
});

test('unchanged objects give the same result, and a changed list of slices gives a new result', () => {
  const snapshot = cluster({ ports }, [{ endpoints: ready('10.0.0.1') }]);
  const first = resolveBackend(ref(80), snapshot, new Map(), RULES);
  expect(resolveBackend(ref(80), { ...snapshot, Ingress: new Map() }, new Map(), RULES)).toBe(first);
  const changed = {
    ...snapshot,
    slicesOfService: new Map([['shop/web', [...(snapshot.slicesOfService.get('shop/web') ?? [])]]]),
  };
  expect(resolveBackend(ref(80), changed, new Map(), RULES)).not.toBe(first);
});

test('service-upstream uses the cluster IP and port of a Service, or the endpoints if the Service is headless', () => {
  const slices = [{ endpoints: ready('10.0.0.1') }];
  const viaService = (clusterIP: string | undefined) => {
    const snapshot = cluster({ ports, ...(clusterIP !== undefined && { clusterIP }) }, slices);
    return resolveBackend({ ...ref(80), viaService: true }, snapshot, new Map(), RULES);
  };
  expect(viaService('10.96.0.1')).toMatchObject({ backend: { endpoints: [['10.96.0.1', 80, 1]] }, lack: undefined });
  expect(viaService('fd00::7').backend.endpoints).toEqual([['fd00::7', 80, 1]]);
  for (const none of ['None', '', undefined])
    expect(viaService(none)).toMatchObject({ backend: { endpoints: [['10.0.0.1', 8080, 1]] }, headless: true });
});

test("results for a Service's endpoints and for its cluster IP are remembered separately", () => {
  const snapshot = cluster({ ports, clusterIP: '10.96.0.1' }, [{ endpoints: ready('10.0.0.1') }]);
  const pods = resolveBackend(ref(80), snapshot, new Map(), RULES);
  const own = resolveBackend({ ...ref(80), viaService: true }, snapshot, new Map(), RULES);
  expect(own.backend).not.toEqual(pods.backend);
  expect(resolveBackend(ref(80), snapshot, new Map(), RULES)).toBe(pods);
  expect(resolveBackend({ ...ref(80), viaService: true }, snapshot, new Map(), RULES)).toBe(own);
});

test.each([0, 70_000, -1, 80.5, '80;}'])(
  'a slice whose port is %j is left out and reported; the other slices of the Service are used',
  (bad) => {
    const odd = {
      ports: [
        { name: 'admin', port: 9 },
        { name: 'http', port: bad as number },
      ],
    };
    const metadata = { namespace: 'shop', name: 'web-1' };
    const slices = [{ metadata, ...odd, endpoints: ready('10.0.0.1') }, { endpoints: ready('10.0.0.2') }];
    const { backend, lack } = resolveBackend(ref(80), cluster({ ports }, slices), null, RULES);
    expect(backend.endpoints).toEqual([['10.0.0.2', 8080, 1]]);
    expect(lack).toBeUndefined();
    const object = { kind: 'Ingress', namespace: 'shop', name: 'web' };
    expect(refusedOf(backend).map((each) => refusedProblem(each, { object, field: [] }))).toEqual([
      {
        code: 'invalid-port',
        severity: 'error',
        effect: 'none',
        object: { kind: 'EndpointSlice', namespace: 'shop', name: 'web-1' },
        field: ['ports', 1, 'port'],
        value: JSON.stringify(bad),
        message: 'is not a port from 1 to 65535; no requests go there',
        example: '8080',
      },
    ]);
    const alone = resolveBackend(ref(80), cluster({ ports }, slices.slice(0, 1)), null, RULES);
    expect(alone).toMatchObject({
      backend: { endpoints: [] },
      lack: {
        code: 'invalid-port',
        reason: expect.stringContaining(`EndpointSlice shop/web-1 has the port ${JSON.stringify(bad)}`),
      },
    });
  },
);

test('a port of a Service that is not one is reported where it is used: targetPort, cluster IP, ExternalName', () => {
  const bad = [{ name: 'http', port: 70_000, targetPort: 0 }];
  const fieldsOf = (snapshot: Snapshot, viaService?: true) =>
    refusedOf(
      resolveBackend({ ...ref('http'), ...(viaService && { viaService }) }, snapshot, new Map(), RULES).backend,
    ).map(({ field }) => field);
  expect(fieldsOf(cluster({ ports: bad }, [{ ports: [], endpoints: ready('10.0.0.1') }]))).toEqual([
    ['spec', 'ports', 0, 'targetPort'],
  ]);
  expect(fieldsOf(cluster({ ports: bad, clusterIP: '10.0.0.9' }), true)).toEqual([['spec', 'ports', 0, 'port']]);
  expect(fieldsOf(cluster({ ports: bad, type: 'ExternalName', externalName: '192.0.2.7' }))).toEqual([
    ['spec', 'ports', 0, 'targetPort'],
  ]);
});
