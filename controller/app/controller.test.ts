/** What the controller sends to NGINX while a build is running, and which changes the build must not undo. */
import { expect, test } from 'vitest';
import { eventually } from '../../e2e/runner/eventually.ts';
import { buildFixed, MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../golden/build-fixed.ts';
import { emptyWorld, put, putSlice, type World } from '../golden/incremental/world.ts';
import { createRender } from '../render/render.ts';
import type { Artifact } from '../types/artifact.ts';
import type { Nginx } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import type { ObjectChange, Snapshot } from '../types/snapshot.ts';
import { type Build, createBuild } from './build.ts';
import { createController } from './controller.ts';

const RELOADED: Outcome = { kind: 'reload', generation: 1, testMs: 0, reloadMs: 0 };
const OK: Outcome = { kind: 'live', set: 1, removed: 0, revision: 1, ms: 0 };

/** A site: a Service, one endpoint, and an Ingress with the host `<name>.test`. */
function site(world: World, name: string, address: string): World {
  const backend = { service: { name, port: { number: 80 } } };
  const rules = [{ host: `${name}.test`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  const metadata = { namespace: 'a', name };
  const spec = { ports: [{ port: 80, name: 'http', targetPort: 80 }] };
  const withIngress = put(world, 'Ingress', `a/${name}`, { metadata, spec: { rules } });
  return endpoint(put(withIngress, 'Service', `a/${name}`, { metadata, spec }), name, address);
}

function endpoint(world: World, name: string, address: string | undefined): World {
  const slice = {
    metadata: { namespace: 'a', name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: address === undefined ? [] : [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  };
  return putSlice(world, `a/${name}`, slice);
}

function changed(kind: ObjectChange['kind'], name: string): ObjectChange {
  return { kind, key: `a/${name}` };
}

/** A build ends only while `open` is true; `begun` counts the builds that have begun. */
interface Gate {
  open: boolean;
  begun: number;
}

function gated(gate: Gate): Build {
  const render = createRender(TEMPLATES, RENDER_OPTIONS);
  const build = createBuild(MODEL_OPTIONS, () => render);
  return Object.assign((...given: Parameters<Build>) => build(...given), build, {
    *steps(...given: Parameters<Build>) {
      gate.begun += 1;
      const built = yield* build.steps(...given);
      while (!gate.open) yield;
      return built;
    },
  });
}

/** A controller with a fake NGINX that accepts every configuration and stores the live data that it receives. */
function setUp(reload: (artifact: Artifact) => Promise<Outcome> = () => Promise.resolve(RELOADED)) {
  const gate: Gate = { open: true, begun: 0 };
  const held = new Map<string, string>();
  const sent: (readonly (readonly [string, string])[])[] = [];
  const reloads: Artifact[] = [];
  const anticipated: string[] = [];
  const commented: Artifact[] = [];
  const problems: string[][] = [];
  const nginx: Nginx = {
    open: () => Promise.resolve({ kind: 'none' }),
    lastLive: () => Promise.resolve(new Map()),
    currentConf: () => undefined,
    check: () => Promise.resolve({ ok: true, ms: 0 }),
    replaceComments: (artifact) => {
      commented.push(artifact);
      return Promise.resolve();
    },
    anticipate: ({ conf }) => void anticipated.push(conf),
    start: ({ live }) => {
      for (const [key, text] of live) held.set(key, text);
      return Promise.resolve({ kind: 'started', master: 1, ms: 0 });
    },
    reload: (artifact) => {
      reloads.push(artifact);
      return reload(artifact);
    },
    want: ({ live }) => {
      const set = [...live].filter(([key, text]) => held.get(key) !== text);
      sent.push(set);
      for (const [key, text] of set) held.set(key, text);
      return Promise.resolve({ outcome: OK, set: set.map(([key]) => key), remove: [] });
    },
    onRetry: () => undefined,
    drain: () => Promise.resolve(),
    workers: () => Promise.resolve(undefined),
    countedRequests: () => Promise.resolve(undefined),
    connections: () => Promise.resolve(undefined),
    processes: () => Promise.resolve(undefined),
    state: () => Promise.resolve(undefined),
    leftOutEndpoints: () => Promise.resolve(undefined),
    stop: () => Promise.resolve(),
    release: () => Promise.resolve(),
    onExit: () => undefined,
  };
  const errors: string[] = [];
  const faults: string[] = [];
  const controller = createController({
    nginx,
    build: gated(gate),
    report: {
      problems: (all) => problems.push(all.map(({ code }) => code)),
      structure: () => undefined,
      live: () => undefined,
      fault: (ingress, { message }) => faults.push(`${ingress}: ${message}`),
      info: () => undefined,
      error: (message) => errors.push(message),
    },
    beforeStart: () => Promise.resolve(undefined),
    onBuilt: () => undefined,
    served: () => undefined,
    quietMs: 1,
    spacingMs: 1,
  });
  const handle = ({ snapshot }: World, ...changes: ObjectChange[]): void =>
    controller.handle({ snapshot, changes, problems: [], noticedAt: performance.now() });
  const start = ({ snapshot }: World): Promise<string | undefined> =>
    controller.start({ snapshot, changes: [], problems: [], noticedAt: 0 });
  return { controller, gate, held, sent, reloads, anticipated, commented, problems, errors, faults, handle, start };
}

/** The live data that NGINX has after a build from scratch. */
function wanted(snapshot: Snapshot): ReadonlyMap<string, string> {
  return new Map(buildFixed(snapshot).artifact.live);
}

const address = (text: string | undefined): string => /"(10\.[0-9.]+)"/.exec(text ?? '')?.[1] ?? 'none';

test('a changed nginx.conf is tested before the quiet time ends, but not during a reload', async () => {
  let finish: (outcome: Outcome) => void = () => undefined;
  const { controller, gate, reloads, anticipated, handle, start } = setUp(
    () => new Promise((resolve) => (finish = resolve)),
  );
  let world = site(emptyWorld(), 'one', '10.0.0.1');
  await start(world);
  world = site(world, 'two', '10.0.1.1');
  handle(world, changed('Ingress', 'two'), changed('Service', 'two'), changed('EndpointSlice', 'two'));
  await eventually(() => expect(reloads).toHaveLength(1));
  expect(anticipated).toEqual([reloads[0]?.conf]);

  world = site(world, 'three', '10.0.2.1');
  handle(world, changed('Ingress', 'three'), changed('Service', 'three'), changed('EndpointSlice', 'three'));
  await eventually(() => expect(gate.begun).toBe(3));
  await eventually(() => expect(controller.plan()?.ingresses.has('a/three')).toBe(true));
  expect(anticipated).toHaveLength(1);
  finish(RELOADED);
  await eventually(() => expect(reloads).toHaveLength(2));
  controller.close();
});

test('moving a path to another Ingress and Service needs no reload, only a later update of comments', async () => {
  const { controller, reloads, commented, handle, start } = setUp();
  let world = site(site(emptyWorld(), 'one', '10.0.0.1'), 'two', '10.0.1.1');
  await start(world);
  const spec = (host: string, name: string) => ({
    rules: [
      {
        host,
        http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }] },
      },
    ],
  });
  world = put(world, 'Ingress', 'a/one', { metadata: { namespace: 'a', name: 'one' }, spec: spec('two.test', 'two') });
  world = put(world, 'Ingress', 'a/two', { metadata: { namespace: 'a', name: 'two' }, spec: spec('one.test', 'two') });
  handle(world, changed('Ingress', 'one'), changed('Ingress', 'two'));
  await eventually(() => expect(commented).toHaveLength(1));
  expect(reloads).toEqual([]);
  expect(commented[0]?.conf).toContain('    # a/two\n    server {');
  expect(commented[0]?.conf).toContain('        # a/two: / -> a/two:80\n');
  controller.close();
});

test('endpoints are sent while a build is running, and the build does not restore the old endpoints', async () => {
  const { controller, gate, held, sent, reloads, handle, start } = setUp();
  let world = site(emptyWorld(), 'one', '10.0.0.1');
  expect(await start(world)).toBeUndefined();

  gate.open = false;
  world = site(world, 'two', '10.0.1.1');
  handle(world, changed('Ingress', 'two'), changed('Service', 'two'), changed('EndpointSlice', 'two'));
  await eventually(() => expect(gate.begun).toBe(2));
  for (const last of ['10.0.0.2', '10.0.0.3']) {
    world = endpoint(world, 'one', last);
    handle(world, changed('EndpointSlice', 'one'));
    expect(address(held.get('b:a/one/80'))).toBe(last);
  }
  // The last finished plan does not contain this host yet.
  world = endpoint(world, 'two', '10.0.1.2');
  handle(world, changed('EndpointSlice', 'two'));
  expect(held.has('b:a/two/80')).toBe(false);

  gate.open = true;
  await eventually(() => expect(reloads).toHaveLength(1));
  expect(held).toEqual(wanted(world.snapshot));
  const of = (key: string) =>
    sent.flatMap((set) => set.flatMap(([name, text]) => (name === key ? [address(text)] : [])));
  expect(of('b:a/one/80')).toEqual(['10.0.0.2', '10.0.0.3']);
  expect(of('b:a/two/80')).toEqual(['10.0.1.2']);
  expect(address(reloads[0]?.live.get('b:a/two/80'))).toBe('10.0.1.2');
  controller.close();
});

test('changes that arrive during a build are combined into the next build', async () => {
  const { controller, gate, held, reloads, handle, start } = setUp();
  let world = site(emptyWorld(), 'one', '10.0.0.1');
  await start(world);
  gate.open = false;
  const names = ['two', 'three', 'four'];
  for (const name of names) {
    world = site(world, name, '10.0.1.1');
    handle(world, changed('Ingress', name), changed('Service', name), changed('EndpointSlice', name));
    await eventually(() => expect(gate.begun).toBe(2));
  }
  gate.open = true;
  await eventually(() => expect(reloads.at(-1)?.conf).toContain('four.test'));
  expect(gate.begun).toBe(3);
  expect(held).toEqual(wanted(world.snapshot));
  controller.close();
});

test('if an endpoint changes and changes back during a build, NGINX has the final state after the build', async () => {
  const { controller, gate, held, handle, start } = setUp();
  let world = site(emptyWorld(), 'one', '10.0.0.1');
  await start(world);
  gate.open = false;
  handle(site(world, 'two', '10.0.1.1'), changed('Ingress', 'two'));
  await eventually(() => expect(gate.begun).toBe(2));
  world = site(world, 'two', '10.0.1.1');
  for (const last of ['10.0.0.2', '10.0.0.1'])
    handle((world = endpoint(world, 'one', last)), changed('EndpointSlice', 'one'));
  gate.open = true;
  await eventually(() => expect(held.has('b:a/two/80')).toBe(true));
  expect(address(held.get('b:a/one/80'))).toBe('10.0.0.1');
  controller.close();
});

test('a Service without endpoints is reported as a Problem until it has an endpoint again', async () => {
  const { controller, problems, handle, start } = setUp();
  const world = site(emptyWorld(), 'one', '10.0.0.1');
  await start(world);
  handle(endpoint(world, 'one', undefined), changed('EndpointSlice', 'one'));
  await eventually(() => expect(problems.at(-1)).toEqual(['no-endpoints']));
  handle(endpoint(world, 'one', '10.0.0.2'), changed('EndpointSlice', 'one'));
  await eventually(() => expect(problems.at(-1)).toEqual([]));
  controller.close();
});

test('changed endpoints do not cause a build', async () => {
  const { controller, gate, handle, start } = setUp();
  const world = site(emptyWorld(), 'one', '10.0.0.1');
  await start(world);
  handle(endpoint(world, 'one', '10.0.0.2'), changed('EndpointSlice', 'one'));
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(gate.begun).toBe(1);
  controller.close();
});

test('an endpoint that becomes an address of the API server is left out, although its own Service did not change', async () => {
  const { controller, held, problems, handle, start } = setUp();
  const world = site(emptyWorld(), 'one', '10.0.0.1');
  const apiServer = (at: string): World =>
    putSlice(world, 'default/kubernetes', {
      metadata: { namespace: 'default', name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      endpoints: [at],
      ports: [{ port: 80, protocol: 'TCP' }],
    });
  const change: ObjectChange = { kind: 'EndpointSlice', key: 'default/kubernetes' };
  await start(apiServer('10.0.0.9'));
  expect(address(held.get('b:a/one/80'))).toBe('10.0.0.1');
  handle(apiServer('10.0.0.1'), change);
  await eventually(() => expect(address(held.get('b:a/one/80'))).toBe('none'));
  await eventually(() => expect(problems.at(-1)).toContain('refused-address'));
  handle(apiServer('10.0.0.9'), change);
  await eventually(() => expect(address(held.get('b:a/one/80'))).toBe('10.0.0.1'));
  controller.close();
});

/** NGINX refuses the server block of the Ingress `bad` as soon as `tested` resolves. */
function refusing() {
  const tested = Promise.withResolvers<void>();
  const tries = (artifact: Artifact) =>
    [...artifact.live.values()].some((text) => text.includes('"ingress":"a/bad"') && !text.includes('"deny":'));
  const loop = setUp(async (artifact) => {
    if (!tries(artifact)) return RELOADED;
    await tested.promise;
    const owners = [{ kind: 'Ingress', namespace: 'a', name: 'bad' }];
    return { kind: 'refused', check: { ok: false, ms: 0, message: 'no', line: 1 }, owners };
  });
  return { ...loop, tested, tries };
}

test.each([
  ['begun', false],
  ['ended', true],
])('a build that had %s before nginx refused an Ingress does not try that Ingress again', async (_, ended) => {
  const { controller, gate, reloads, handle, start, tested, tries } = refusing();
  let world = site(emptyWorld(), 'one', '10.0.0.1');
  await start(world);
  world = site(world, 'bad', '10.0.1.1');
  handle(world, changed('Ingress', 'bad'));
  await eventually(() => expect(reloads).toHaveLength(1));
  gate.open = ended;
  world = site(world, 'good', '10.0.2.1');
  handle(world, changed('Ingress', 'good'));
  await eventually(() => expect(gate.begun).toBe(3));
  if (ended) await eventually(() => expect(controller.plan()?.ingresses.has('a/good')).toBe(true));
  gate.open = false;
  tested.resolve();
  await eventually(() => expect(controller.quarantined()).toBe(1));
  // Wait long enough for another reload to begin.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(reloads).toHaveLength(1);
  gate.open = true;
  await eventually(() => expect(reloads.at(-1)?.conf).toContain('good.test'));
  expect(reloads.map(tries)).toEqual([true, ...reloads.slice(1).map(() => false)]);
  controller.close();
});

test('after a failed build, the previous build remains in use, and the failure is reported', async () => {
  const { controller, gate, errors, held, handle, start } = setUp();
  const world = site(emptyWorld(), 'one', '10.0.0.1');
  await start(world);
  const broken = { ...world.snapshot, ConfigMap: undefined as never };
  handle({ ...world, snapshot: broken }, changed('Ingress', 'one'));
  await eventually(() => expect(errors).toEqual([expect.stringMatching(/^the build failed/)]));
  handle(endpoint(world, 'one', '10.0.0.9'), changed('EndpointSlice', 'one'));
  expect(address(held.get('b:a/one/80'))).toBe('10.0.0.9');
  expect(gate.begun).toBe(2);
  controller.close();
});
