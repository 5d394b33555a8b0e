/** When a namespace needs more than its share, its oldest objects are served, and other namespaces are not affected. */
import type { V1Ingress } from '@kubernetes/client-node';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { type Built, createBuild } from '../app/build.ts';
import { type Bounds, DEFAULT_BOUNDS } from '../model/contract/bounds.ts';
import { dictionaryMegabytes } from '../model/plan/shares/fullness.ts';
import { NO_ENTRIES, readEntries } from '../model/ingress/entries.ts';
import { NO_INGRESS_SHARES, shareOut } from '../model/plan/shares/ingress-shares.ts';
import { levelOf } from '../model/plan/shares/level.ts';
import { NO_OWNERS } from '../model/contract/host-owners.ts';
import { settingsOf } from '../model/settings/settings-of.ts';
import { createRender } from '../render/render.ts';
import { finish } from '../types/steps.ts';
import { diff } from '../types/table/diff.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from './build-fixed.ts';
import { emptyWorld, put, putSlice, type World } from './incremental/world.ts';

const MIB = 1024 * 1024;

function newBuild(bounds: Partial<Bounds>) {
  const options = { ...MODEL_OPTIONS, bounds: { ...DEFAULT_BOUNDS, ...bounds } };
  return createBuild(options, () => createRender(TEMPLATES, RENDER_OPTIONS));
}

function builtFrom({ snapshot, overrides }: World, bounds: Partial<Bounds>): Built {
  return newBuild(bounds)(snapshot, overrides);
}

function ingress(
  namespace: string,
  name: string,
  age: number,
  paths: number,
  { secretName, annotations }: { readonly secretName?: string; readonly annotations?: Record<string, string> } = {},
): V1Ingress {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const host = `${name}.${namespace}.test`;
  return {
    metadata: {
      namespace,
      name,
      creationTimestamp: new Date(1_700_000_000_000 - age * 1000),
      ...(annotations && { annotations }),
    },
    spec: {
      ...(secretName !== undefined && { tls: [{ hosts: [host], secretName }] }),
      rules: [
        {
          host,
          http: { paths: Array.from({ length: paths }, (_, n) => ({ path: `/p${n}`, pathType: 'Prefix', backend })) },
        },
      ],
    },
  };
}

function add(world: World, object: V1Ingress): World {
  return put(world, 'Ingress', `${object.metadata?.namespace}/${object.metadata?.name}`, object);
}

/**
 * What happens to the paths of an Ingress: `served`, `closed` (they answer 503), or `gone` (they are not in
 * nginx.conf).
 */
function fate({ plan }: Built, namespace: string, name: string): string {
  const host = [...plan.static.hosts.values()].find(({ names }) =>
    names.some(({ text }) => text === `${name}.${namespace}.test`),
  );
  if (host === undefined) return 'gone';
  return [...host.routes.values()].some(({ deny }) => deny === 503) ? 'closed' : 'served';
}

const refusals = ({ problems }: Built) => problems.filter(({ code }) => code === 'namespace-share-exceeded');

test('Ingresses that exceed the share of their namespace are served when older Ingresses are deleted', () => {
  const bounds = { confMegabytes: 0.3125 };
  let world = add(emptyWorld(), ingress('good', 'shop', 1, 3));
  for (let age = 0; age < 12; age += 1) world = add(world, ingress('greedy', `i${age}`, age, 20));
  const options = { ...newBuild(bounds).options, ...world.overrides };
  const { settings } = settingsOf(world.snapshot, options);
  const input = { snapshot: world.snapshot, options, settings, owners: NO_OWNERS };
  const entries = finish(readEntries(input, NO_ENTRIES));
  const edits = [...diff(NO_ENTRIES.table, entries.table)];
  const { asked, refused } = finish(shareOut(entries, edits, input, NO_INGRESS_SHARES));
  // The models of refused Ingresses are not stored, because they are not planned.
  expect(new Set([...asked.table.values()].filter(({ model }) => model === undefined))).toEqual(
    new Set(refused.keys()),
  );
  const build = newBuild(bounds);
  const builds = [build(world.snapshot, world.overrides)];
  for (const removed of [11, 10, 9, 8, 7, 6, 5, 4]) {
    const Ingress = new Map(world.snapshot.Ingress);
    Ingress.delete(`greedy/i${removed}`);
    world = { ...world, snapshot: { ...world.snapshot, Ingress } };
    const made = build(world.snapshot, world.overrides);
    const fresh = builtFrom(world, bounds);
    expect(made.artifact.conf).toBe(fresh.artifact.conf);
    expect(new Map(made.artifact.live)).toEqual(new Map(fresh.artifact.live));
    expect(made.problems).toEqual(fresh.problems);
    builds.push(made);
  }
  expect(builds.map((made) => fate(made, 'greedy', 'i0'))).toContain('gone');
  expect(builds.map((made) => fate(made, 'greedy', 'i1'))).toContain('closed');
  expect(fate(builds.at(-1) as Built, 'greedy', 'i0')).toBe('served');
});

test('no Ingress of a namespace above its share is served after its class is assigned to another controller', () => {
  const bounds = { confMegabytes: 0.3125 };
  const named = (controller: string) => ({ metadata: { name: 'nginx' }, spec: { controller } });
  let world = put(emptyWorld(), 'IngressClass', 'nginx', named('k8s.io/ingress-nginx'));
  for (let age = 0; age < 12; age += 1) {
    const object = ingress('greedy', `i${age}`, age, 20);
    Object.assign(object.spec ?? {}, { ingressClassName: 'nginx' });
    world = add(world, object);
  }
  const build = newBuild(bounds);
  expect(build(world.snapshot, world.overrides).plan.ingresses.size).toBe(12);
  world = put(world, 'IngressClass', 'nginx', named('example.com/other'));
  expect([...build(world.snapshot, world.overrides).plan.ingresses]).toEqual([]);
});

test('above the share, the youngest Ingresses are left out, older ones answer 503, and the oldest are served', () => {
  let world = add(emptyWorld(), ingress('good', 'shop', 1, 3));
  for (let age = 0; age < 12; age += 1) world = add(world, ingress('greedy', `i${age}`, age, 20));
  const made = builtFrom(world, { confMegabytes: 0.3125 });
  const fates = Array.from({ length: 12 }, (_, age) => fate(made, 'greedy', `i${age}`));
  expect(fates.lastIndexOf('gone')).toBeLessThan(fates.indexOf('closed'));
  expect(fates.lastIndexOf('closed')).toBeLessThan(fates.indexOf('served'));
  expect(new Set(fates)).toEqual(new Set(['gone', 'closed', 'served']));
  expect(fate(made, 'good', 'shop')).toBe('served');
  expect(refusals(made).map(({ object }) => object?.namespace)).toEqual(
    fates.filter((each) => each !== 'served').map(() => 'greedy'),
  );
  expect(refusals(made)[0]?.message).toMatch(/share of nginx\.conf, 80 KiB \(--namespace-share and --max-conf-size\)/);
  expect(refusals(builtFrom(world, {}))).toEqual([]);
});

test('the memory for hosts with their own TLS settings counts towards the share of a namespace', () => {
  const served = (annotations: Record<string, string>): number => {
    let world = add(emptyWorld(), ingress('good', 'shop', 1, 3));
    for (let age = 0; age < 40; age += 1) world = add(world, ingress('greedy', `i${age}`, age, 1, { annotations }));
    const made = builtFrom(world, { nginxMegabytes: 4 });
    expect(fate(made, 'good', 'shop')).toBe('served');
    expect(refusals(made)[0]?.message).toMatch(
      /share of NGINX's memory, 1 MiB \(--namespace-share and --max-nginx-memory\)/,
    );
    return Array.from({ length: 40 }, (_, age) => fate(made, 'greedy', `i${age}`)).filter((each) => each === 'served')
      .length;
  };
  const [plain, secure] = [
    served({}),
    served({ 'nginx.ingress.kubernetes.io/ssl-ciphers': 'ECDHE-RSA-AES128-GCM-SHA256' }),
  ];
  expect(plain).toBeGreaterThan(2 * secure);
  expect(secure).toBeGreaterThan(4);
});

test('a younger Ingress does not displace an older one, and is served after older ones were deleted', () => {
  const build = newBuild({ confMegabytes: 0.25 });
  let world = emptyWorld();
  for (let age = 2; age < 5; age += 1) world = add(world, ingress('greedy', `i${age}`, age, 20));
  const before = build(world.snapshot, world.overrides);
  world = add(add(world, ingress('greedy', 'i0', 0, 20)), ingress('greedy', 'i1', 1, 20));
  const more = build(world.snapshot, world.overrides);
  for (const name of ['i2', 'i3', 'i4']) {
    if (fate(before, 'greedy', name) === 'served') expect(fate(more, 'greedy', name)).toBe('served');
  }
  expect(fate(more, 'greedy', 'i0')).not.toBe('served');
  for (let age = 2; age < 5; age += 1) world = put(world, 'Ingress', `greedy/i${age}`, undefined);
  const less = build(world.snapshot, world.overrides);
  expect(fate(less, 'greedy', 'i0')).toBe('served');
  expect(refusals(less)).toEqual([]);
});

test('routes count towards the share of a namespace, and the parts that routes share count once', () => {
  const origins = Array.from({ length: 100 }, (_, n) => `https://origin-${n}.example.com`).join(', ');
  const annotations = {
    [`${MODEL_OPTIONS.annotationsPrefix}/enable-cors`]: 'true',
    [`${MODEL_OPTIONS.annotationsPrefix}/cors-allow-origin`]: origins,
  };
  let world = add(emptyWorld(), ingress('greedy', 'cors', 0, 50, { annotations }));
  world = add(add(world, ingress('greedy', 'old', 9, 3)), ingress('good', 'shop', 0, 3));
  const fates = (made: Built) => [
    fate(made, 'greedy', 'cors'),
    fate(made, 'greedy', 'old'),
    fate(made, 'good', 'shop'),
  ];
  // The limit is a fifth of what the routes would need if each path contained the list.
  expect(fates(builtFrom(world, { liveMegabytes: 1.5 }))).toEqual(['served', 'served', 'served']);
  const less = builtFrom(world, { liveMegabytes: 0.5 });
  expect(fates(less)).toEqual(['gone', 'served', 'served']);
  expect(refusals(less)[0]?.message).toContain('share of the live data');
});

test('if the Secrets of a namespace exceed its share, only the oldest Secrets are used', async () => {
  const made = await generate([{ name: 'commonName', value: 'x' }], {
    keyType: 'ec',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: ['*.greedy.test', '*.good.test'].map((value) => ({ type: 2 as const, value })),
      },
    ],
  });
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const data = { 'tls.crt': base64(made.cert), 'tls.key': base64(made.private) };
  let world = emptyWorld();
  for (const [namespace, count] of [
    ['greedy', 6],
    ['good', 1],
  ] as const) {
    for (let age = 0; age < count; age += 1) {
      const metadata = { namespace, name: `s${age}`, creationTimestamp: new Date(1_700_000_000_000 - age * 1000) };
      world = put(world, 'Secret', `${namespace}/s${age}`, { metadata, data });
      world = add(world, ingress(namespace, `i${age}`, 9 - age, 1, { secretName: `s${age}` }));
    }
  }
  const bounds = { liveMegabytes: (4 * 3 * 4096) / 0.4 / MIB };
  const built = builtFrom(world, bounds);
  expect([...built.plan.live.certificates.keys()].sort()).toEqual([
    '_',
    'good/s0',
    'greedy/s3',
    'greedy/s4',
    'greedy/s5',
  ]);
  expect(refusals(built).map(({ object }) => object)).toEqual(
    ['s0', 's1', 's2'].map((name) => ({ kind: 'Secret', namespace: 'greedy', name })),
  );
});

test('if a namespace exceeds its share, its largest backends lose endpoints, even if only endpoints change', () => {
  let world = emptyWorld();
  for (const [namespace, count] of [
    ['greedy', 400],
    ['good', 20],
  ] as const) {
    world = add(world, ingress(namespace, 'i', 0, 1));
    const metadata = { namespace, name: 'web' };
    world = put(world, 'Service', `${namespace}/web`, { metadata, spec: { ports: [{ port: 80, targetPort: 8080 }] } });
    world = putSlice(world, `${namespace}/web`, {
      metadata,
      addressType: 'IPv4',
      ports: [{ port: 8080 }],
      endpoints: Array.from({ length: count }, (_, n) => ({ addresses: [`10.0.${Math.floor(n / 200)}.${n % 200}`] })),
    });
  }
  const bounds = { liveMegabytes: (4 * (256 + 64 * 100)) / 0.2 / MIB };
  const made = builtFrom(world, bounds);
  const count = (key: string) => made.plan.live.backends.get(key)?.endpoints.length;
  expect([count('greedy/web/80'), count('good/web/80')]).toEqual([100, 20]);
  const ref = { namespace: 'greedy', service: 'web', port: 80 };
  expect(made.resolve(ref, world.snapshot, new Map()).endpoints).toEqual(
    made.plan.live.backends.get('greedy/web/80')?.endpoints,
  );
  expect(refusals(made)).toMatchObject([{ object: { kind: 'Namespace', name: 'greedy' } }]);
});

test('levelOf() divides a limit so that small demands are met completely', () => {
  expect(levelOf([10, 20, 30], 100, 100)).toBe(100);
  expect(levelOf([10, 500], 100, 200)).toBe(100);
  expect(levelOf([10, 90, 90, 90], 100, 190)).toBe(60);
  expect(levelOf([10, 50, 80, 80], 100, 190)).toBe(65);
  expect(levelOf([], 100, 0)).toBe(100);
});

test('a flag can set the size of the live dictionary, and a Problem reports that a limit is nearly reached', () => {
  let world = emptyWorld();
  for (let age = 0; age < 20; age += 1) world = add(world, ingress('shop', `i${age}`, age, 50));
  const conf = (bounds: Partial<Bounds>, liveSize?: string) => {
    const { liveSize: _, ...options } = RENDER_OPTIONS;
    const render = createRender(TEMPLATES, { ...options, ...(liveSize !== undefined && { liveSize }) });
    const made = createBuild({ ...MODEL_OPTIONS, bounds: { ...DEFAULT_BOUNDS, ...bounds } }, () => render);
    return made(world.snapshot, world.overrides);
  };
  expect(conf({}).artifact.conf).toContain('lua_shared_dict tidegate_live 128m;');
  expect(conf({}, '8m').artifact.conf).toContain('lua_shared_dict tidegate_live 8m;');
  const said = ({ problems }: Built) =>
    problems.filter(({ code }) => code === 'nearly-full').map(({ message }) => message);
  expect(said(conf({}))).toEqual([]);
  expect(said(conf({ confMegabytes: 0.7, namespacePercent: 100 }))).toEqual([
    expect.stringContaining('--max-conf-size'),
  ]);
  expect(said(conf({ liveMegabytes: 0.7, namespacePercent: 100 }))).toEqual([
    expect.stringContaining('--max-live-data'),
  ]);
});

test.each([
  [0, 1024, 128],
  [100, 1024, 128],
  [103, 1024, 256],
  [300, 1024, 512],
  [900, 1024, 1024],
  [900, 200, 200],
])('%s MiB of live data, with a maximum of %s MiB, need a dictionary of %s MiB', (used, most, size) => {
  expect(dictionaryMegabytes(used * MIB, { ...DEFAULT_BOUNDS, liveMegabytes: most })).toBe(size);
});

const limited = (rps: string, more: Record<string, string> = {}) => ({
  annotations: { 'nginx.ingress.kubernetes.io/limit-rps': rps, ...more },
});

test('if a namespace has too many limit zones, young Ingresses that need more answer 503 with a Problem', () => {
  let world = add(emptyWorld(), ingress('good', 'shop', 1, 1, limited('1')));
  for (let age = 0; age < 6; age += 1)
    world = add(world, ingress('greedy', `i${age}`, age, 2, limited(String(10 + age))));
  // Of the two youngest Ingresses, one shares its rate with an old one, and one has no limit.
  world = add(add(world, ingress('greedy', 'same', 0, 1, limited('15'))), ingress('greedy', 'plain', 0, 1));
  const made = builtFrom(world, { limitZones: 3 });
  expect(Array.from({ length: 6 }, (_, age) => fate(made, 'greedy', `i${age}`)).join(' ')).toBe(
    'closed closed closed served served served',
  );
  expect([fate(made, 'greedy', 'same'), fate(made, 'greedy', 'plain'), fate(made, 'good', 'shop')]).toEqual([
    'served',
    'served',
    'served',
  ]);
  expect(made.artifact.conf.match(/^ *limit_req_zone /gm)).toHaveLength(4);
  expect(refusals(made).map(({ object }) => object?.name)).toEqual(['i2', 'i1', 'i0']);
  expect(refusals(made)[0]?.message).toContain(
    'need more than its 3 zones (--max-limit-zones); its oldest Ingresses are served, and this one, which needs 1 more, answers 503',
  );
  expect(refusals(builtFrom(world, {}))).toEqual([]);
});

test('a limit zone counts once for its namespace, and no longer counts when no Ingress uses it', () => {
  const build = newBuild({ limitZones: 2 });
  const buildOf = (each: World) => build(each.snapshot, each.overrides);
  let world = emptyWorld();
  for (let age = 0; age < 10; age += 1) world = add(world, ingress('greedy', `i${age}`, age, 2, limited('5')));
  world = add(
    world,
    ingress('greedy', 'allowed', 20, 1, limited('5', { 'nginx.ingress.kubernetes.io/limit-allowlist': '10.0.0.0/8' })),
  );
  expect(refusals(buildOf(world))).toEqual([]);
  world = add(world, ingress('greedy', 'third', 0, 1, limited('6')));
  expect(refusals(buildOf(world)).map(({ object }) => object?.name)).toEqual(['third']);
  world = put(world, 'Ingress', 'greedy/allowed', undefined);
  const last = buildOf(world);
  expect(refusals(last)).toEqual([]);
  expect(fate(last, 'greedy', 'third')).toBe('served');
});
