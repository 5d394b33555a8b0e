/**
 * Every scenario against a real NGINX, as written and once more without the key it is about. Those that can share do:
 * one instance, one start, all hosts at once. Those that cannot follow one another in pairs of instances, where each
 * replaces the whole of the manifests: hosts of its own, so exactly one reload.
 */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { startBackends } from './backends/start.ts';
import type { Backends } from './backends/start.ts';
import { writeCoverage } from './runner/coverage.ts';
import type { Proof } from './runner/coverage.ts';
import { settled, startInstance } from './runner/instance.ts';
import type { Instance } from './runner/instance.ts';
import { makePair, prove } from './runner/prove.ts';
import type { Pair, Running } from './runner/prove.ts';
import { readScenarios } from './runner/scenario.ts';
import type { Scenario } from './runner/scenario.ts';
import type { Variant } from './runner/variant.ts';

const scenarios = readScenarios().map((scenario, i) => ({ ...scenario, id: `s${i}` }));
const shared = scenarios.filter((scenario) => !scenario.alone);
const alone = scenarios.filter((scenario) => scenario.alone);

/**
 * Each lane has a pair of instances; the scenarios of a lane follow one another in it. Those with flags need a pair for
 * each set of them, and share it in the first lane.
 */
const LANES = 4;
const lanes = Array.from({ length: LANES }, (_, lane) =>
  alone.filter(({ flags, control }, i) => (flags.length > 0 || control.flags ? 0 : i % LANES) === lane),
);
/** They all start at once, the largest with more than a thousand hosts. */
const START_MS = 150_000;
const HOOK_MS = START_MS + 30_000;
/** Hundreds of scenarios send their requests at once; one that follows others may start an instance of its own. */
const PATIENCE_MS = 120_000;
const IN_ORDER = { concurrent: false, timeout: PATIENCE_MS };

let backends: Backends;
const instances: Instance[] = [];
const proofs: Proof[] = [];
const SETTINGS = 'ingress-nginx-controller';

async function launch(files: Record<string, Variant>, args: readonly string[] = []): Promise<Instance> {
  const objects = Object.entries(files).map(([name, variant]) => [name, variant.objects] as const);
  const instance = await startInstance(Object.fromEntries(objects), { args, readyWithin: START_MS });
  instances.push(instance);
  return instance;
}

/** Proves a scenario, and remembers what is proved by it. */
async function check(scenario: Scenario, pair: Pair, written: Running, control?: Running): Promise<void> {
  if (await prove(scenario, pair, written, control))
    proofs.push(...scenario.covers.map((key) => ({ key, scenario: scenario.name })));
}

function settingsOf({ objects }: Variant): Record<string, unknown> {
  const found = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === SETTINGS);
  return typeof found?.['data'] === 'object' && found['data'] !== null ? { ...found['data'] } : {};
}

/** With a host more, so that what comes next takes a reload whatever its settings do. */
function withoutSettings({ objects, host, namespace }: Variant): Variant['objects'] {
  const backend = { service: { name: 'none', port: { number: 80 } } };
  const rules = [{ host: `between.${host}`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
  const metadata = { name: 'between', namespace };
  const between = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: { rules } };
  return [...objects.filter(({ kind, metadata: { name } }) => kind !== 'ConfigMap' || name !== SETTINGS), between];
}

/** Both have the same key, with other values. */
function differ(before: Record<string, unknown>, now: Record<string, unknown>): boolean {
  return Object.entries(now).some(([name, value]) => name in before && before[name] !== value);
}

beforeAll(async () => {
  backends = await startBackends();
}, 30_000);

afterAll(async () => {
  for (const instance of instances) await instance.dispose();
  await backends.stop();
  process.stdout.write(`${writeCoverage(proofs).join('\n')}\n`);
}, 60_000);

// All of it waits more than it computes.
describe.concurrent('scenarios', () => {
  describe('together in one instance', () => {
    const pairs = new Map<string, Pair>();
    let instance: Instance;

    beforeAll(async () => {
      const files: Record<string, Variant> = {};
      for (const scenario of shared) {
        const pair = await makePair(scenario, scenario.id, backends);
        pairs.set(scenario.id, pair);
        files[`${scenario.id}a.yaml`] = pair.written;
        files[`${scenario.id}b.yaml`] = pair.control;
      }
      instance = await launch(files);
    }, HOOK_MS);

    for (const scenario of shared) {
      it(
        `${scenario.file}: ${scenario.name}`,
        async () => {
          const pair = pairs.get(scenario.id);
          const running = { instance, from: 0 };
          if (pair) await check(scenario, pair, running);
        },
        PATIENCE_MS,
      );
    }
  });

  for (const [lane, own] of lanes.entries()) {
    describe(`one after the other in an instance without anything else, lane ${lane}`, () => {
      const stages = new Map<string, { readonly instance: Instance; before: Variant }>();

      /** The first variant of its kind and flags starts the instance, each later one replaces all that it had. */
      async function stage(kind: 'written' | 'control', variant: Variant, given: readonly string[]): Promise<Running> {
        const flags = given.map((flag) => flag.replaceAll('NAMESPACE', variant.namespace));
        const key = [kind, ...flags].join(' ');
        const known = stages.get(key);
        if (known === undefined) {
          const started = await launch({ 'scenario.yaml': variant }, flags);
          stages.set(key, { instance: started, before: variant });
          return { instance: started, from: 0 };
        }
        const { instance, before } = known;
        known.before = variant;
        const replace = async (objects: Variant['objects']) => {
          const from = instance.lines.length;
          instance.write('scenario.yaml', objects);
          await settled(instance, from);
          return { instance, from };
        };
        // A value that cannot be read would leave that of another scenario in force. What is new comes with its settings:
        // each of its Problems is logged once.
        if (flags.length === 0 && differ(settingsOf(before), settingsOf(variant)))
          await replace(withoutSettings(before));
        return replace(variant.objects);
      }

      for (const scenario of own) {
        it(`${scenario.file}: ${scenario.name}`, IN_ORDER, async () => {
          const pair = await makePair(scenario, scenario.id, backends);
          await check(
            scenario,
            pair,
            ...(await Promise.all([
              stage('written', pair.written, scenario.flags),
              stage('control', pair.control, scenario.control.flags ?? scenario.flags),
            ])),
          );
        });
      }
    });
  }
});
