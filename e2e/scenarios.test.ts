/**
 * Runs every scenario against a real NGINX, as written and as its control, which lacks the key under test. Scenarios
 * without settings share one instance, which is started once with all their hosts. Scenarios with settings are grouped
 * so that a group can share a ConfigMap; the groups run one after another in pairs of instances. `apart.full.test.ts`
 * runs each scenario of these groups without the others.
 */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { startBackends } from './backends/start.ts';
import type { Backends } from './backends/start.ts';
import { agreementReport } from './runner/agreement.ts';
import { writeCoverage } from './runner/coverage.ts';
import type { Proof } from './runner/coverage.ts';
import { groupBySettings } from './runner/groups.ts';
import { startInstance } from './runner/instance.ts';
import type { Instance } from './runner/instance.ts';
import { describeLanes, HOOK_MS, PATIENCE_MS, START_MS } from './runner/lanes.ts';
import { predictionsOf, type Predictions } from './runner/prediction.ts';
import { logReport } from './runner/logged.ts';
import { makePair, prove } from './runner/prove.ts';
import type { Pair, Running } from './runner/prove.ts';
import { isPlain, readScenarios } from './runner/scenario.ts';
import type { Scenario } from './runner/scenario.ts';

const scenarios = readScenarios().map((scenario, i) => ({ ...scenario, id: `s${i}` }));
const shared = scenarios.filter(isPlain);
const groups = groupBySettings(scenarios.filter((scenario) => !isPlain(scenario)));

let backends: Backends;
const proofs: Proof[] = [];

/** Runs a scenario and its control, and records the keys that the scenario proves. */
async function check(scenario: Scenario, pair: Pair, written: Running, control?: Running): Promise<void> {
  if (await prove(scenario, pair, written, control))
    proofs.push(...scenario.covers.map((key) => ({ key, scenario: scenario.name })));
}

beforeAll(async () => {
  backends = await startBackends();
}, 30_000);

afterAll(async () => {
  await backends.stop();
  process.stdout.write(`${[...writeCoverage(proofs), ...agreementReport(), logReport()].join('\n')}\n`);
}, 60_000);

// These tests run concurrently because they wait more than they compute.
describe.concurrent('scenarios', () => {
  describe('scenarios without settings and flags, together in one instance', () => {
    const pairs = new Map<string, Pair>();
    let instance: Instance;
    let predictions: Predictions;

    beforeAll(async () => {
      const files: Record<string, Pair['written']['objects']> = {};
      for (const scenario of shared) {
        const pair = await makePair(scenario, scenario.id, backends);
        pairs.set(scenario.id, pair);
        files[`${scenario.id}a.yaml`] = pair.written.objects;
        files[`${scenario.id}b.yaml`] = pair.control.objects;
      }
      instance = await startInstance(files, { readyWithin: START_MS });
      predictions = await predictionsOf(instance, []);
    }, HOOK_MS);

    afterAll(() => instance?.dispose(), 60_000);

    for (const scenario of shared) {
      it(
        `${scenario.file}: ${scenario.name}`,
        async () => {
          const pair = pairs.get(scenario.id);
          const running = { instance, from: 0, predictions };
          if (pair) await check(scenario, pair, running);
        },
        PATIENCE_MS,
      );
    }
  });

  describeLanes(groups, { backends: () => backends, prove: check });
});
