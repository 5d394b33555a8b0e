/**
 * Runs each scenario that shares a ConfigMap with other scenarios in scenarios.test.ts without these scenarios. It must
 * pass, and its control must fail, without the settings of the others.
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
