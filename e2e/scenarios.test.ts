/**
 * Every scenario against a real NGINX, as written and once more without the key it is about. Those that can share do:
 * one instance, one start, all hosts at once. Those that cannot follow one another in a pair of instances, where each
 * replaces the whole of the manifests: hosts of its own, so exactly one reload.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackends } from './backends/start.ts';
import type { Backends } from './backends/start.ts';
import { serverText } from './runner/conf.ts';
import { writeCoverage } from './runner/coverage.ts';
import type { Proof } from './runner/coverage.ts';
import { settled, startInstance } from './runner/instance.ts';
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

/** An instance that has loaded a variant; what it printed about that begins at line `from`. */
interface Running {
  readonly instance: Instance;
  readonly from: number;
}

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

/** Differences between a scenario's expectations and what a variant of it did. */
async function judge(
  scenario: Scenario,
  variant: Variant,
  { instance, from }: Running,
  enough: 'one' | 'all',
): Promise<string[]> {
  const found = await runVariant(variant, instance, enough);
  if (enough === 'one' && found.length > 0) return found;
  return [...found, ...(await checkInstance(scenario, variant, instance, from))];
}

async function prove(scenario: Scenario, pair: Pair, written: Running, control: Running): Promise<void> {
  const found = await judge(scenario, pair.written, written, 'all');
  const conf = found.length > 0 ? readFileSync(`${written.instance.runDir}/conf/nginx.conf`, 'utf8') : '';
  expect(found, `${scenario.about}\n${found.length > 0 ? serverText(conf, pair.written.host) : ''}`).toEqual([]);
  const without = await judge(scenario, pair.control, control, 'one');
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
      const running = { instance, from: 0 };
      if (pair) await prove(scenario, pair, running, running);
    }, 60_000);
  }
});

describe('one after the other in an instance without anything else', () => {
  const stages = new Map<'written' | 'control', Instance>();

  /** The first variant starts the instance, each later one replaces all that it had. */
  async function stage(kind: 'written' | 'control', variant: Variant): Promise<Running> {
    const instance = stages.get(kind);
    if (instance === undefined) {
      const started = await launch({ 'scenario.yaml': variant });
      stages.set(kind, started);
      return { instance: started, from: 0 };
    }
    const from = instance.lines.length;
    instance.write('scenario.yaml', variant.objects);
    await settled(instance, from);
    return { instance, from };
  }

  for (const scenario of alone) {
    it(`${scenario.file}: ${scenario.name}`, async () => {
      const pair = await makePair(scenario, scenario.id);
      await prove(
        scenario,
        pair,
        ...(await Promise.all([stage('written', pair.written), stage('control', pair.control)])),
      );
    }, 60_000);
  }
});
