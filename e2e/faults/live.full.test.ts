/** Drills with a live API that fails, and with a dictionary that is full. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { startBackends } from '../backends/start.ts';
import type { Backends } from '../backends/start.ts';
import { startDrill } from './drill.ts';
import type { Drill } from './drill.ts';
import { disturbDeltas, fillDictionary } from './live.ts';
import { copyTemplates } from './templates.ts';
import type { Templates } from './templates.ts';

let backends: Backends;
let drill: Drill;

beforeAll(async () => {
  backends = await startBackends();
}, 60_000);

afterAll(() => backends?.stop());

describe('changes take effect after a fault of the live API', () => {
  beforeAll(async () => {
    drill = await startDrill('fl', backends);
  }, 60_000);
  afterAll(() => drill.dispose());

  for (const fault of ['cut-request', 'cut-answer', 400, 'refuse'] as const) {
    it(`${fault}`, () => disturbDeltas(drill, fault, typeof fault === 'number' ? 1 : 3), 60_000);
  }
});

describe('a shared dictionary of 64 kB for live data', () => {
  let templates: Templates;

  beforeAll(async () => {
    templates = copyTemplates();
    templates.change('tidegate_live {{liveSize}}', 'tidegate_live 64k');
    const args = ['--template-dir', templates.folder];
    drill = await startDrill('fd', backends, { args, renderArgs: args });
  }, 60_000);
  afterAll(async () => {
    await drill?.dispose();
    templates?.dispose();
  });

  it('rejects keys that do not fit, and accepts them once they fit', () => fillDictionary(drill), 90_000);
});
