/**
 * The scenarios that share settings with others in scenarios.test.ts, each without the others: as written it passes
 * alone, and its control fails alone, not because of other settings in force.
 */
import { afterAll, beforeAll, describe } from 'vitest';
import { startBackends } from './backends/start.ts';
import type { Backends } from './backends/start.ts';
import { describeLanes } from './runner/lanes.ts';
import { prove } from './runner/prove.ts';
import { isPlain, readScenarios } from './runner/scenario.ts';

const groups = readScenarios()
  .map((scenario, i) => ({ ...scenario, id: `s${i}` }))
  .filter((scenario) => !isPlain(scenario) && !scenario.alone)
  .map((scenario) => [scenario]);

let backends: Backends;

beforeAll(async () => {
  backends = await startBackends();
}, 30_000);

afterAll(() => backends.stop());

describe.concurrent('scenarios', () => {
  describeLanes(groups, { backends: () => backends, prove });
});
