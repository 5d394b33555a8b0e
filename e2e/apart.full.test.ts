/**
 * In scenarios.test.ts, several scenarios share a ConfigMap. This test runs each of these scenarios with a separate
 * ConfigMap: the scenario must pass, and its control must fail, without the settings of the other scenarios.
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

describe.concurrent('scenarios with a separate ConfigMap', () => {
  describeLanes(groups, { backends: () => backends, prove });
});
