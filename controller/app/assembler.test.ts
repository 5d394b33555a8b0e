import type { V1Ingress } from '@kubernetes/client-node';
import { expect, test } from 'vitest';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../golden/assemble.ts';
import type { Quarantine } from '../model/contract/options.ts';
import { NO_TEXTS } from '../model/contract/setting-texts.ts';
import { createRender } from '../render/render.ts';
import { emptySnapshot } from '../types/snapshot.ts';
import { type Assembled, createAssembler, leavesOutAll } from './assembler.ts';
import { type Assemble, createAssemble, type Overrides } from './assembly.ts';

const render = createRender(TEMPLATES, RENDER_OPTIONS);
const assemble = createAssemble(MODEL_OPTIONS, () => render);
const FIRST: Overrides = { quarantine: new Map(), resolvedNames: new Map() };

/** What is done, and who asked for it. */
function setUp(steps: Assemble['steps'] = assemble.steps) {
  const state = { overrides: FIRST, done: [] as Assembled[], failed: [] as string[] };
  const assembler = createAssembler(
    {
      assemble: Object.assign((...given: Parameters<Assemble>) => assemble(...given), assemble, { steps }),
      overrides: () => state.overrides,
      good: () => new Map(),
      faulty: () => undefined,
      done: (assembled) => state.done.push(assembled),
      failed: (message) => state.failed.push(message),
    },
    emptySnapshot(),
  );
  return { assembler, state };
}

const [VERSION, NEWER]: [V1Ingress, V1Ingress] = [{ metadata: { name: 'a' } }, { metadata: { name: 'a' } }];

function leaving(entry?: Partial<Quarantine>): Overrides {
  const whole: Quarantine = { refused: VERSION, lastGood: undefined, message: 'refused', ...entry };
  return { ...FIRST, quarantine: new Map(entry === undefined ? [] : [['shop/a', whole]]) };
}

test.each([
  ['nothing is left out', leaving(), leaving(), true],
  ['refused since', leaving(), leaving({}), false],
  ['another version was refused', leaving({ refused: NEWER }), leaving({}), false],
  ['the same version was refused again', leaving({ waiting: true }), leaving({ message: 'refused again' }), true],
  ['left out untested, and refused since', leaving({ absent: true, waiting: true }), leaving({}), true],
  ['its replacement is refused too', leaving({ lastGood: NEWER }), leaving({}), false],
  ['its 503 is refused too', leaving({}), leaving({ absent: true }), false],
  ['released since', leaving({}), leaving(), true],
  ['a setting was refused meanwhile', FIRST, { ...FIRST, settingTexts: { ...NO_TEXTS, refused: new Map() } }, false],
])('whether a build can be applied: %s', (_, made, now, expected) => {
  expect(leavesOutAll(made, now)).toBe(expected);
});

test('a build that contains what nginx refused meanwhile is repeated without it', async () => {
  const { assembler, state } = setUp(function* steps(...given) {
    const assembly = yield* assemble.steps(...given);
    if (state.overrides === FIRST) state.overrides = leaving({});
    return assembly;
  });
  const assembly = await assembler.now();
  expect(assembly.overrides).toBe(state.overrides);
  expect(state.done.map((each) => each.assembly)).toEqual([assembly]);
});

test('only callers that wait for a build learn that it failed', async () => {
  const { assembler, state } = setUp(function* steps() {
    yield;
    throw new Error('no template');
  });
  await expect(assembler.now()).rejects.toThrow('no template');
  expect(state.failed).toEqual([]);
  assembler.request();
  await expect.poll(() => state.failed).toEqual(['no template']);
});

test('requests that arrive during a build lead to one more build, with all their changes and the time of the first', async () => {
  const { assembler, state } = setUp();
  const building = assembler.now();
  const change = (key: string) => ({ kind: 'Ingress' as const, key });
  assembler.request({ changes: [change('a')], noticedAt: 1 });
  assembler.request({ changes: [change('b')], noticedAt: 2 });
  await building;
  await expect.poll(() => state.done.length).toBe(2);
  expect(state.done[1]?.trigger).toEqual({ changes: [change('a'), change('b')], noticedAt: 1 });
});

test('nothing is built after close', async () => {
  const { assembler, state } = setUp();
  assembler.request();
  assembler.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(state.done).toEqual([]);
});
