import type { V1Ingress } from '@kubernetes/client-node';
import { expect, test, vi } from 'vitest';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../golden/build-fixed.ts';
import { reviewerOf } from '../golden/admission/reviewer.ts';
import { emptyWorld, put, type World } from '../golden/incremental/world.ts';
import { createRender } from '../render/render.ts';
import { type Build, createBuild, type StaticOptions } from './build.ts';
import type { ReviewOptions } from './review.ts';

const render = createRender(TEMPLATES, RENDER_OPTIONS);
const PREFIX = 'nginx.ingress.kubernetes.io';

function ingress(
  name: string,
  more: { host?: string; created?: string; annotations?: Record<string, string>; spec?: object } = {},
): V1Ingress {
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const annotations = Object.entries(more.annotations ?? {}).map(
    ([key, value]) => [`${PREFIX}/${key}`, value] as const,
  );
  const metadata: object = {
    namespace: 'shop',
    name,
    creationTimestamp: more.created ?? '2025-01-01T00:00:00Z',
    annotations: Object.fromEntries(annotations),
  };
  const rules = [{ host: more.host ?? 'a.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  return { metadata, spec: { rules, ...more.spec } };
}

const service = { metadata: { namespace: 'shop', name: 'web' }, spec: { ports: [{ port: 80, targetPort: 8080 }] } };

function start(
  ingresses: readonly V1Ingress[],
  options: Partial<ReviewOptions> = {},
  given: Partial<StaticOptions> = {},
) {
  const build = createBuild({ ...MODEL_OPTIONS, ...given }, () => render);
  const reviewer = reviewerOf(build, options);
  let world: World = put(emptyWorld(), 'Service', 'shop/web', service);
  for (const each of ingresses) world = put(world, 'Ingress', `shop/${each.metadata?.name}`, reviewer.stored(each));
  build(world.snapshot, world.overrides);
  return { ...reviewer, build, world };
}

test('a correct Ingress is admitted without a warning', async () => {
  expect(await start([]).review(ingress('web'))).toEqual({ warnings: [] });
});

test('an invalid host, an invalid guard and a forbidden snippet are denied; each message names field, value and rule', async () => {
  const { review } = start([]);
  const denial = async (...given: Parameters<typeof ingress>) => (await review(ingress(...given)))?.denial;
  expect(await denial('web', { host: 'Not_A_Host' })).toMatch(
    /^Ingress shop\/web: spec\.rules\[0\]\.host: the host must be .*"Not_A_Host".*for example host: /,
  );
  expect(await denial('web', { annotations: { 'whitelist-source-range': '10.0.0.0/99' } })).toMatch(
    /whitelist-source-range.*10\.0\.0\.0\/99/,
  );
  expect(await denial('web', { annotations: { 'configuration-snippet': 'return 418;' } })).toMatch(
    /configuration-snippet/,
  );
});

test('a host that belongs to another namespace is denied, with its owner and the pattern', async () => {
  const build = createBuild({ ...MODEL_OPTIONS, hostOwnership: 'namespaces' }, () => render);
  const blog = { metadata: { name: 'blog', annotations: { 'tidegate.dev/hosts': '*.blog.test' } } };
  const { snapshot, overrides } = put(emptyWorld(), 'Namespace', 'blog', blog);
  build(snapshot, overrides);
  const denial = async (host: string) => (await reviewerOf(build).review(ingress('web', { host })))?.denial;
  expect(await denial('a.blog.test')).toMatch(
    /^Ingress shop\/web: spec\.rules\[0\]\.host: .*a\.blog\.test.*belongs to namespace blog \(\*\.blog\.test in the annotation/,
  );
  expect(await denial('a.test')).toBeUndefined();
});

test('a misspelt key and a missing Secret are warnings', async () => {
  const { review } = start([]);
  const verdict = await review(
    ingress('web', {
      annotations: { 'proxy-body-sise': '1m', 'auth-type': 'basic', 'auth-secret': 'users' },
      spec: { tls: [{ hosts: ['a.test'], secretName: 'none' }] },
    }),
  );
  expect(verdict?.denial).toBeUndefined();
  expect(verdict?.warnings).toEqual([
    expect.stringMatching(/auth-secret.*Secret shop\/users does not exist/),
    expect.stringMatching(/proxy-body-sise"\]: is not an annotation.*"proxy-body-size"/),
    expect.stringMatching(/Secret shop\/none does not exist/),
  ]);
});

test('a path that another Ingress serves is denied for the younger and for the older Ingress, unless that is allowed', async () => {
  const older = ingress('old', { created: '2024-01-01T00:00:00Z' });
  expect((await start([older]).review(ingress('web')))?.denial).toMatch(/\/ is already served .* by Ingress shop\/old/);
  expect((await start([ingress('web')]).review(older))?.denial).toMatch(
    /^with this change, Ingress shop\/web: .*\/ is already served .* by Ingress shop\/old/,
  );
  const allowed = await start([older], { allowsDuplicatePaths: true }).review(ingress('web'));
  expect(allowed).toEqual({ warnings: [expect.stringMatching(/\/ is already served/)] });
});

test('with isolation, the namespace that owns a host may take a path from a guest, at any age', async () => {
  const old = ingress('web', { created: '2024-01-01T00:00:00Z' });
  const backend = { service: { name: 'web', port: { number: 80 } } };
  const withPath = (name: string, namespace: string, created: string): V1Ingress => {
    const made = ingress(name, { created });
    const rules = [{ host: 'a.test', http: { paths: [{ path: '/login', pathType: 'Prefix', backend }] } }];
    return { metadata: Object.assign({}, made.metadata, { namespace }), spec: { rules } };
  };
  const guest = withPath('squat', 'team', '2024-06-01T00:00:00Z');
  const owner = withPath('login', 'shop', '2025-01-01T00:00:00Z');
  const verdict = async (isolateNamespaces: boolean) => {
    const { build, review, stored, world } = start([old], {}, { isolateNamespaces });
    const next = put(world, 'Ingress', 'team/squat', stored(guest));
    build(next.snapshot, next.overrides);
    return review(owner);
  };
  expect(await verdict(true)).toEqual({
    warnings: [
      expect.stringMatching(
        /^with this change, Ingress team\/squat: .*\/login is already served for this host by Ingress shop\/login, which takes precedence because the host belongs to its namespace/,
      ),
    ],
  });
  expect((await verdict(false))?.denial).toMatch(/^Ingress shop\/login: .*by Ingress team\/squat/);
});

test('effects on other Ingresses are warnings that name them', async () => {
  const old = ingress('old');
  for (const path of old.spec?.rules?.[0]?.http?.paths ?? []) Object.assign(path, { path: '/a.b', pathType: 'Exact' });
  const { review } = start([old]);
  const regex = ingress('new', { annotations: { 'use-regex': 'true' } });
  const backend = { service: { name: 'web', port: { number: 80 } } };
  Object.assign(regex.spec?.rules?.[0]?.http ?? {}, {
    paths: [{ path: '/x.*', pathType: 'ImplementationSpecific', backend }],
  });
  const verdict = await review(regex);
  expect(verdict?.denial).toBeUndefined();
  expect(verdict?.warnings.join('\n')).toMatch(/Ingress shop\/old: /);
});

test('objects to which only the candidate refers are looked up', async () => {
  const lookUp = vi.fn<ReviewOptions['lookUp']>(async ({ secrets }) => ({
    Secret: new Map(
      [...secrets].map((key) => [
        key,
        { metadata: { namespace: 'shop', name: 'users' }, data: { auth: 'YWxpY2U6e1BMQUlOfXg=' } },
      ]),
    ),
    ConfigMap: new Map(),
  }));
  const { review } = start([], { lookUp });
  const guarded = ingress('web', { annotations: { 'auth-type': 'basic', 'auth-secret': 'users' } });
  expect(await review(guarded)).toEqual({ warnings: [] });
  expect(lookUp.mock.calls.map(([{ secrets, configMaps }]) => [[...secrets], [...configMaps]])).toEqual([
    [['shop/users'], []],
  ]);
});

test('no build is needed for an Ingress of another class or namespace, or for an update that changes nothing that is read', async () => {
  const { build, world } = start([ingress('web')]);
  const preview = vi.fn<Build['preview']>(build.preview);
  const { review } = reviewerOf(Object.assign(build, { preview }), { isWatched: (namespace) => namespace === 'shop' });
  expect(world.snapshot.Ingress.size).toBe(1);
  const admitted = { warnings: [] };
  expect(await review(ingress('web', { host: 'BAD', spec: { ingressClassName: 'other' } }))).toEqual(admitted);
  const elsewhere = ingress('web', { host: 'BAD' });
  Object.assign(elsewhere.metadata ?? {}, { namespace: 'else' });
  expect(await review(elsewhere)).toEqual(admitted);
  const bad = ingress('web', { host: 'BAD' });
  const labelled = ingress('web', { host: 'BAD' });
  Object.assign(labelled.metadata ?? {}, { labels: { a: 'b' }, resourceVersion: '7' });
  expect(await review(labelled, bad)).toEqual(admitted);
  expect(preview).not.toHaveBeenCalled();
  expect((await review(ingress('web', { host: 'BAD' }), ingress('web')))?.denial).toMatch(/host/);
});

test('an Ingress that was stored although it is invalid can still be edited', async () => {
  const bad = ingress('web', { host: 'BAD' });
  const { review } = start([bad]);
  const edited = ingress('web', { host: 'BAD', annotations: { 'proxy-body-size': '2m' } });
  expect(await review(edited, bad)).toEqual({ warnings: [expect.stringMatching(/the host must be/)] });
});

test('with --disable-catch-all, an Ingress with a default backend is denied', async () => {
  const { review } = start([], {}, { disableCatchAll: true });
  const defaultBackend = { service: { name: 'web', port: { number: 80 } } };
  expect((await review(ingress('web', { spec: { defaultBackend } })))?.denial).toMatch(/--disable-catch-all is set/);
});

test('an object without the metadata that the API server adds later is reviewed as a new one', async () => {
  const { review } = start([ingress('old')]);
  const { spec } = ingress('new');
  const verdict = await review({ metadata: { namespace: 'shop', generateName: 'web-' } as object, spec } as V1Ingress);
  expect(verdict?.denial).toMatch(
    /^Ingress .*: spec\.rules.*by Ingress shop\/old, which takes precedence because it is older/,
  );
});

test('what cannot be read as an Ingress is denied, and nothing is decided before the first build', async () => {
  const { review } = start([]);
  expect((await review({ spec: { rules: 'none' } } as unknown as V1Ingress))?.denial).toMatch(/cannot be read/);
  const build = createBuild(MODEL_OPTIONS, () => render);
  expect(await reviewerOf(build).review(ingress('web'))).toBeUndefined();
});

test('an object that is being deleted is reviewed like any other, but its finalizers can always be removed', async () => {
  const deleted = ({ metadata, spec }: V1Ingress, finalizers: readonly string[]): V1Ingress => {
    const deletion = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers };
    return { metadata: Object.assign({}, metadata, deletion) as object, ...(spec !== undefined && { spec }) };
  };
  const { review } = start([ingress('old')]);
  const moved = ingress('web', { created: '2024-01-01T00:00:00Z' });
  expect((await review(deleted(moved, ['a.test/f']), deleted(ingress('web', { host: 'b.test' }), [])))?.denial).toMatch(
    /Ingress shop\/old: .*is already served/,
  );
  const unreadable = (rules: string) =>
    ({ metadata: { name: 'web', namespace: 'shop' }, spec: { rules } }) as unknown as V1Ingress;
  const malformed = unreadable('none');
  expect(await review(deleted(malformed, []), deleted(malformed, ['a.test/f']))).toEqual({ warnings: [] });
  expect((await review(deleted(malformed, []), deleted(unreadable('other'), [])))?.denial).toMatch(/cannot be read/);
});

test('reviews of a namespace run one after another, wait for a build that is under way, and end when nobody waits for them', async () => {
  const settled = vi.fn<ReviewOptions['settled']>(async () => undefined);
  const { review } = start([], { settled });
  const verdicts = await Promise.all(Array.from({ length: 20 }, (_, index) => review(ingress(`w${index}`))));
  expect(verdicts).toEqual(verdicts.map(() => ({ warnings: [] })));
  expect(settled).toHaveBeenCalledTimes(20);
});
