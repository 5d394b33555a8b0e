import { expect, test } from 'vitest';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../golden/assemble.ts';
import { createRender } from '../render/render.ts';
import { emptySnapshot } from '../types/snapshot.ts';
import { type Assembled, createAssembler } from './assembler.ts';
import { type Assemble, createAssemble, type Circumstances } from './assembly.ts';

const render = createRender(TEMPLATES, RENDER_OPTIONS);
const assemble = createAssemble(MODEL_OPTIONS, () => render);
const FIRST: Circumstances = { quarantine: new Map(), resolvedNames: new Map() };

/** What is done, and who asked for it. */
function setUp(steps: Assemble['steps'] = assemble.steps) {
  const state = { circumstances: FIRST, done: [] as Assembled[], failed: [] as string[] };
  const assembler = createAssembler(
    {
      assemble: Object.assign((...given: Parameters<Assemble>) => assemble(...given), assemble, { steps }),
      circumstances: () => state.circumstances,
      good: () => new Map(),
      faulty: () => undefined,
      done: (assembled) => state.done.push(assembled),
      failed: (message) => state.failed.push(message),
    },
    emptySnapshot(),
  );
  return { assembler, state };
}

test('a build whose circumstances are over by its end is done again under those that hold', async () => {
  const { assembler, state } = setUp(function* steps(...given) {
    const assembly = yield* assemble.steps(...given);
    if (state.circumstances === FIRST) state.circumstances = { ...FIRST, quarantine: new Map() };
    return assembly;
  });
  const assembly = await assembler.now();
  expect(assembly.circumstances).toBe(state.circumstances);
  expect(state.done.map((each) => each.assembly)).toEqual([assembly]);
});

test('who waits for a build learns that it failed, and nobody else does', async () => {
  const { assembler, state } = setUp(function* steps() {
    yield;
    throw new Error('no template');
  });
  await expect(assembler.now()).rejects.toThrow('no template');
  expect(state.failed).toEqual([]);
  assembler.request();
  await expect.poll(() => state.failed).toEqual(['no template']);
});

test('requests that arrive during a build make one more, with all their changes and the time of the first', async () => {
  const { assembler, state } = setUp();
  const building = assembler.now();
  const change = (key: string) => ({ kind: 'Ingress' as const, key });
  assembler.request({ changes: [change('a')], noticedAt: 1 });
  assembler.request({ changes: [change('b')], noticedAt: 2 });
  await building;
  await expect.poll(() => state.done.length).toBe(2);
  expect(state.done[1]?.occasion).toEqual({ changes: [change('a'), change('b')], noticedAt: 1 });
});

test('nothing is done any more once it is closed', async () => {
  const { assembler, state } = setUp();
  assembler.request();
  assembler.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(state.done).toEqual([]);
});
