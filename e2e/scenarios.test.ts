/**
 * Every scenario against a real NGINX, as written and once more without the key it is about. Those that can share do:
 * one instance, one start, all hosts at once.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackends } from './backends/start.ts';
import type { Backends } from './backends/start.ts';
import { serverText } from './runner/conf.ts';
import { writeCoverage } from './runner/coverage.ts';
import type { Proof } from './runner/coverage.ts';
import { startInstance } from './runner/instance.ts';
import type { Instance } from './runner/instance.ts';
import { checkInstance } from './runner/logs.ts';
import { runVariant } from './runner/run.ts';
import { readScenarios } from './runner/scenario.ts';
import type { Scenario } from './runner/scenario.ts';
import { makeVariant } from './runner/variant.ts';
import type { Variant } from './runner/variant.ts';

interface Pair {
  readonly written: Variant;
  readonly control: Variant;
}

const scenarios = readScenarios().map((scenario, i) => ({ ...scenario, id: `s${i}` }));
const shared = scenarios.filter((scenario) => !scenario.alone);
const alone = scenarios.filter((scenario) => scenario.alone);

let backends: Backends;
const instances: Instance[] = [];
const proofs: Proof[] = [];

async function makePair(scenario: Scenario, id: string): Promise<Pair> {
  return {
    written: await makeVariant(scenario, { id: `${id}a`, control: false, backends }),
    control: await makeVariant(scenario, { id: `${id}b`, control: true, backends }),
  };
}

async function launch(files: Record<string, Variant>): Promise<Instance> {
  const objects = Object.entries(files).map(([name, variant]) => [name, variant.objects] as const);
  const instance = await startInstance(Object.fromEntries(objects));
  instances.push(instance);
  return instance;
}

async function judge(scenario: Scenario, variant: Variant, instance: Instance): Promise<string[]> {
  const found = await runVariant(variant, instance);
  return [...found, ...(await checkInstance(scenario, variant, instance))];
}

async function prove(scenario: Scenario, pair: Pair, written: Instance, control: Instance): Promise<void> {
  const found = await judge(scenario, pair.written, written);
  const conf = found.length > 0 ? readFileSync(`${written.runDir}/conf/nginx.conf`, 'utf8') : '';
  expect(found, `${scenario.about}\n${found.length > 0 ? serverText(conf, pair.written.host) : ''}`).toEqual([]);
  const without = await judge(scenario, pair.control, control);
  expect(without, 'the same expectations hold without the key under test: this scenario cannot fail').not.toEqual([]);
  proofs.push(...scenario.covers.map((key) => ({ key, scenario: scenario.name })));
}

beforeAll(async () => {
  backends = await startBackends();
}, 30_000);

afterAll(async () => {
  for (const instance of instances) await instance.dispose();
  await backends.stop();
  process.stdout.write(`${writeCoverage(proofs).join('\n')}\n`);
}, 60_000);

describe.concurrent('together in one instance', () => {
  const pairs = new Map<string, Pair>();
  let instance: Instance;

  beforeAll(async () => {
    const files: Record<string, Variant> = {};
    for (const scenario of shared) {
      const pair = await makePair(scenario, scenario.id);
      pairs.set(scenario.id, pair);
      files[`${scenario.id}a.yaml`] = pair.written;
      files[`${scenario.id}b.yaml`] = pair.control;
    }
    instance = await launch(files);
  }, 60_000);

  for (const scenario of shared) {
    it(`${scenario.file}: ${scenario.name}`, async () => {
      const pair = pairs.get(scenario.id);
      if (pair) await prove(scenario, pair, instance, instance);
    }, 60_000);
  }
});

describe('each in an instance of its own', () => {
  for (const scenario of alone) {
    it(`${scenario.file}: ${scenario.name}`, async () => {
      const pair = await makePair(scenario, scenario.id);
      const [written, control] = await Promise.all([
        launch({ 'scenario.yaml': pair.written }),
        launch({ 'scenario.yaml': pair.control }),
      ]);
      await prove(scenario, pair, written, control);
      await Promise.all([written.dispose(), control.dispose()]);
    }, 60_000);
  }
});
