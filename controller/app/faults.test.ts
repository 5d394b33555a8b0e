/**
 * What happens if Tidegate's own code throws an exception: mocks throw one at each stage of building one Ingress or
 * host.
 */
import { beforeEach, expect, test, vi } from 'vitest';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../golden/build-fixed.ts';
import { meet, STAGES } from '../golden/faults.ts';
import { reviewerOf } from '../golden/admission/reviewer.ts';
import { copied, emptyWorld, put, type World } from '../golden/incremental/world.ts';
import { createRender } from '../render/render.ts';
import { type Built, createBuild } from './build.ts';
import { buildSafely } from './faults.ts';

const planned: string[] = [];

vi.mock(import('../model/ingress/rewrite-groups.ts'), async (original) => {
  const { emptyGroups } = await original();
  return {
    emptyGroups: (hosts, ref) => {
      meet('read', [[...hosts.values()].flat().map(({ settings }) => settings.route), ref.name]);
      return emptyGroups(hosts, ref);
    },
  };
});
vi.mock(import('../model/host/host-plan.ts'), async (original) => {
  const { planHost } = await original();
  return {
    planHost: (input) => {
      planned.push(input.host);
      const routes = input.models.flatMap(({ hosts }) =>
        [...hosts.values()].flat().map(({ settings }) => settings.route),
      );
      meet('plan', [routes, input.models.map(({ ref }) => ref.name)]);
      return planHost(input);
    },
  };
});
vi.mock(import('../render/server-view.ts'), async (original) => {
  const { serverView, ...rest } = await original();
  return {
    ...rest,
    serverView: (host, ...more) => {
      meet('render', [[...host.routes.values()], host.owners.map(({ name }) => name)]);
      return serverView(host, ...more);
    },
  };
});
vi.mock(import('../render/shared-parts.ts'), async (original) => {
  const { shareRoute } = await original();
  return {
    shareRoute: (route) => {
      meet('live', route);
      return shareRoute(route);
    },
  };
});
// This stage processes all Ingresses together, so the exception does not name the culprit.
vi.mock(import('../model/host/host-rules.ts'), async (original) => {
  const { hostRules, ...rest } = await original();
  return {
    ...rest,
    hostRules: (input, before, around, problems) => {
      meet(
        'name',
        [...around.groups.values()].map(({ models }) =>
          models.map(({ hosts, ref }) => [ref.name, [...hosts.values()].flat().map(({ settings }) => settings.route)]),
        ),
      );
      return hostRules(input, before, around, problems);
    },
  };
});

interface Site {
  readonly host?: string;
  readonly path?: string;
  readonly vhost?: string;
  readonly created?: string;
}

function withSite(world: World, name: string, { host = `${name}.test`, path = '/', vhost, created }: Site = {}): World {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const paths = [{ path, pathType: 'Prefix', backend }];
  const annotations = vhost === undefined ? {} : { 'nginx.ingress.kubernetes.io/upstream-vhost': vhost };
  const metadata = { namespace: 'a', name, annotations, ...(created && { creationTimestamp: created as never }) };
  return put(world, 'Ingress', `a/${name}`, { metadata, spec: { rules: [{ host, http: { paths } }] } });
}

function fresh() {
  const render = createRender(TEMPLATES, RENDER_OPTIONS);
  return createBuild(MODEL_OPTIONS, () => render);
}

function buildWorld(world: World, build = fresh(), good?: World): Built {
  return buildSafely(build, world.snapshot, world.overrides, good?.snapshot.Ingress);
}

/** The server block of a host. */
function blockOf({ artifact: { conf } }: Built, host: string): string | undefined {
  return conf.split(/\n(?= {4}#[^\n]*\n {4}server \{)/).find((block) => block.includes(`server_name "${host}"`));
}

/** The live data of the location `/` of a host. */
function routeOf(built: Built, host: string): unknown {
  const id = /set \$tidegate_route ([0-9a-f]{16});/.exec(blockOf(built, host) ?? '')?.[1];
  return JSON.parse(built.artifact.live.get(`r:${id}`) ?? 'null');
}

function faultsIn({ problems }: Built): readonly (string | undefined)[] {
  return problems.filter(({ code }) => code === 'internal-fault').map(({ object }) => object?.name);
}

const good = withSite(withSite(emptyWorld(), 'good'), 'other');

beforeEach(() => planned.splice(0));

test.each(STAGES)(
  'if building an Ingress throws at stage %s, its paths answer 503, and all other Ingresses are unaffected',
  (stage) => {
    const all = buildWorld(withSite(good, 'bad', { vhost: `${stage}.fault.test` }));
    expect(faultsIn(all)).toEqual(['bad']);
    expect(all.problems).toContainEqual(
      expect.objectContaining({
        effect: 'quarantined',
        message: expect.stringContaining(`(thrown at ${stage}); its paths answer 503`),
      }),
    );
    expect(routeOf(all, 'bad.test')).toMatchObject({ deny: 503 });
    const without = buildWorld(good);
    for (const host of ['good.test', 'other.test', '_']) expect(blockOf(all, host)).toBe(blockOf(without, host));
    for (const [key, text] of without.artifact.live) expect(all.artifact.live.get(key)).toBe(text);
    expect(all.faults.get('a/bad')?.error.stack).toContain('TypeError: thrown at');
  },
);

test.each(['read', 'plan', 'name'] as const)(
  'an Ingress is denied at admission if building it throws at stage %s, and the next build is not affected',
  async (stage) => {
    const build = fresh();
    buildWorld(good, build);
    const thrown: string[] = [];
    const { review } = reviewerOf(build, {
      fault: (ingress, error) => void thrown.push(`${ingress}: ${error.message}`),
    });
    const bad = withSite(good, 'bad', { vhost: `${stage}.fault.test` }).snapshot.Ingress.get('a/bad') ?? {};
    expect((await review(bad))?.denial).toMatch(/^Ingress a\/bad: Tidegate fails to build its configuration/);
    expect(thrown).toEqual([`a/bad: thrown at ${stage}`]);
    expect(buildWorld(good, build).artifact.conf).toBe(buildWorld(good).artifact.conf);
  },
);

test.each(['read', 'plan', 'render', 'name'] as const)(
  'an Ingress is left out if building it throws at stage %s even when its paths are to answer 503',
  (stage) => {
    const all = buildWorld(withSite(good, `${stage}-always`));
    expect(faultsIn(all)).toEqual([`${stage}-always`]);
    expect(all.artifact.conf).toBe(buildWorld(good).artifact.conf);
  },
);

test.each(STAGES)(
  'if building an Ingress throws at stage %s, the last good version of the Ingress is served',
  (stage) => {
    const before = withSite(good, 'bad', { vhost: 'fine.test' });
    const all = buildWorld(withSite(before, 'bad', { vhost: `${stage}.fault.test` }), fresh(), before);
    const was = buildWorld(before);
    expect(all.artifact.conf).toBe(was.artifact.conf);
    expect(new Map(all.artifact.live)).toEqual(new Map(was.artifact.live));
    expect(all.problems.find(({ code }) => code === 'internal-fault')?.message).toContain(
      'its last good version is served',
    );
  },
);

test.each(STAGES)(
  'after an exception at stage %s, the build of the fixed Ingress equals a build from scratch',
  (stage) => {
    const build = fresh();
    buildWorld(good, build);
    buildWorld(withSite(good, 'bad', { vhost: `${stage}.fault.test` }), build);
    const mended = withSite(good, 'bad', { vhost: 'fine.test' });
    const after = buildWorld(mended, build);
    const { artifact, problems } = buildWorld(copied(mended));
    expect(after.artifact.conf).toBe(artifact.conf);
    expect(new Map(after.artifact.live)).toEqual(new Map(artifact.live));
    expect(after.problems).toEqual(problems);
    expect(after.faults.size).toBe(0);
  },
);

test.each(STAGES)('after an exception at stage %s, the other Ingresses of the same host are served', (stage) => {
  const shared = withSite(good, 'old', { host: 'shared.test', created: '2020-01-01T00:00:00Z' });
  const bad = { host: 'shared.test', path: '/bad', vhost: `${stage}.fault.test`, created: '2021-01-01T00:00:00Z' };
  const young = { host: 'shared.test', path: '/young', created: '2022-01-01T00:00:00Z' };
  const all = buildWorld(withSite(withSite(shared, 'bad', bad), 'young', young));
  expect(faultsIn(all)).toEqual(['bad']);
  const routes = [...all.artifact.live].filter(([key, text]) => key.startsWith('r:') && text.includes('"deny":503'));
  const closed = [...all.plan.static.hosts.values()].flatMap(({ locations }) =>
    locations.flatMap(({ routeId, owner }) => (routes.some(([key]) => key === `r:${routeId}`) ? [owner?.name] : [])),
  );
  expect(new Set(closed)).toEqual(new Set(['bad']));
});

test('many faulty Ingresses cost one more build in total, and a host without an error is planned once', () => {
  let world = good;
  for (let index = 0; index < 40; index += 1) world = withSite(world, `bad${index}`, { vhost: 'plan.fault.test' });
  const all = buildWorld(world);
  expect(faultsIn(all)).toHaveLength(40);
  expect(planned.filter((host) => host === 'good.test')).toHaveLength(1);
  expect(planned.filter((host) => host === 'bad7.test')).toHaveLength(2);
});

test('an error that no Ingress causes is thrown, and no Ingress is left out', () => {
  const build = Object.assign(fresh(), {
    *steps() {
      yield;
      throw new Error('a template is broken');
    },
    *probe() {
      yield;
      throw new Error('a template is broken');
    },
  });
  expect(() => buildWorld(good, build as never)).toThrow('a template is broken');
});

test('a path of dollar signs does not break a log format that contains the path', () => {
  const data = { 'log-format-upstream': '$location_path' };
  const metadata = { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' };
  const world = put(good, 'ConfigMap', 'ingress-nginx/ingress-nginx-controller', { metadata, data });
  const all = buildWorld(withSite(world, 'dollars', { path: `/${'$'.repeat(1999)}` }));
  expect(faultsIn(all)).toEqual([]);
  expect(all.artifact.conf).toContain('set $location_path "/${literal_dollar}');
});
