import type { V1Ingress } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../golden/build-fixed.ts';
import type { Quarantine } from '../model/contract/options.ts';
import { NO_TEXTS } from '../model/contract/setting-texts.ts';
import { createRender } from '../render/render.ts';
import { emptySnapshot } from '../types/snapshot.ts';
import { type FinishedBuild, createBuildLoop, leavesOutAll } from './build-loop.ts';
import { type Build, createBuild, type Overrides } from './build.ts';

const render = createRender(TEMPLATES, RENDER_OPTIONS);
const build = createBuild(MODEL_OPTIONS, () => render);
const FIRST: Overrides = { quarantine: new Map(), resolvedNames: new Map() };

/** A build loop that records its overrides, finished builds and failures. */
function setUp(steps: Build['steps'] = build.steps) {
  const state = { overrides: FIRST, done: [] as FinishedBuild[], failed: [] as string[] };
  const buildLoop = createBuildLoop(
    {
      build: Object.assign((...given: Parameters<Build>) => build(...given), build, { steps }),
      overrides: () => state.overrides,
      good: () => new Map(),
      faulty: () => undefined,
      done: (finished) => state.done.push(finished),
      failed: (message) => state.failed.push(message),
    },
    emptySnapshot(),
  );
  return { buildLoop, state };
}

const [VERSION, NEWER]: [V1Ingress, V1Ingress] = [{ metadata: { name: 'a' } }, { metadata: { name: 'a' } }];

function leaving(entry?: Partial<Quarantine>): Overrides {
  const whole: Quarantine = { refused: VERSION, lastGood: undefined, message: 'refused', ...entry };
  return { ...FIRST, quarantine: new Map(entry === undefined ? [] : [['shop/a', whole]]) };
}

test.each([
  ['no Ingress is left out', leaving(), leaving(), true],
  ['an Ingress was refused since the build began', leaving(), leaving({}), false],
  ['another version of the Ingress was refused since the build began', leaving({ refused: NEWER }), leaving({}), false],
  [
    'the version of the Ingress that the build left out was refused again',
    leaving({ waiting: true }),
    leaving({ message: 'refused again' }),
    true,
  ],
  [
    'an Ingress that the build left out untested was refused since the build began',
    leaving({ absent: true, waiting: true }),
    leaving({}),
    true,
  ],
  [
    'the last good version, which the build contains, was refused too',
    leaving({ lastGood: NEWER }),
    leaving({}),
    false,
  ],
  [
    'the 503 response, with which the build replaced an Ingress, was refused too',
    leaving({}),
    leaving({ absent: true }),
    false,
  ],
  ['an Ingress was released since the build began', leaving({}), leaving(), true],
  [
    'a setting was refused since the build began',
    FIRST,
    { ...FIRST, settingTexts: { ...NO_TEXTS, refused: new Map() } },
    false,
  ],
])('whether a build can be applied: %s', (_, made, now, expected) => {
  expect(leavesOutAll(made, now)).toBe(expected);
});

test('a build is repeated if nginx refused one of its Ingresses while the build ran', async () => {
  const { buildLoop, state } = setUp(function* steps(...given) {
    const built = yield* build.steps(...given);
    if (state.overrides === FIRST) state.overrides = leaving({});
    return built;
  });
  const built = await buildLoop.now();
  expect(built.overrides).toBe(state.overrides);
  expect(state.done.map((each) => each.built)).toEqual([built]);
});

test('a failed build rejects the promise of a waiting caller, or else passes the error to `failed`', async () => {
  const { buildLoop, state } = setUp(function* steps() {
    yield;
    throw new Error('no template');
  });
  await expect(buildLoop.now()).rejects.toThrow('no template');
  expect(state.failed).toEqual([]);
  buildLoop.request();
  await expect.poll(() => state.failed).toEqual(['no template']);
});

test('requests during a build lead to one build with all changes and the time of the first request', async () => {
  const { buildLoop, state } = setUp();
  const building = buildLoop.now();
  const change = (key: string) => ({ kind: 'Ingress' as const, key });
  buildLoop.request({ changes: [change('a')], noticedAt: 1 });
  buildLoop.request({ changes: [change('b')], noticedAt: 2 });
  await building;
  await expect.poll(() => state.done.length).toBe(2);
  expect(state.done[1]?.trigger).toEqual({ changes: [change('a'), change('b')], noticedAt: 1 });
});

test('no build runs after close()', async () => {
  const { buildLoop, state } = setUp();
  buildLoop.request();
  buildLoop.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(state.done).toEqual([]);
});
