/**
 * Tests of scenarios with settings or flags. Groups of these scenarios are loaded one after another into pairs of
 * instances.
 */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Backends } from '../backends/start.ts';
import { objectsOf } from './groups.ts';
import { startInstance } from './instance.ts';
import type { Instance } from './instance.ts';
import { makeLane } from './lane.ts';
import { makePair } from './prove.ts';
import type { Pair, Running } from './prove.ts';
import type { Scenario } from './scenario.ts';

/** A scenario with its file, and a DNS label that is part of its host. */
export type Named = Scenario & { readonly id: string; readonly file: string };

interface Proving {
  readonly backends: () => Backends;
  readonly prove: (scenario: Named, pair: Pair, written: Running, control: Running) => Promise<unknown>;
}

/** How long a start may take. All instances start at the same time, and the largest has more than a thousand hosts. */
export const START_MS = 150_000;
export const HOOK_MS = START_MS + 30_000;
/** How long a test may take. Hundreds of scenarios send their requests at the same time. */
export const PATIENCE_MS = 120_000;

/**
 * How many lanes run concurrently. The first lane has the scenarios with flags, and one pair of instances per set of
 * flags.
 */
const LANES = 4;

function flagsOf(group: readonly Named[], pairs: ReadonlyMap<Named, Pair>, kind: keyof Pair): string[] {
  return group.flatMap((scenario) => {
    const flags = kind === 'control' ? (scenario.control.flags ?? scenario.flags) : scenario.flags;
    return flags.map((flag) => flag.replaceAll('NAMESPACE', pairs.get(scenario)?.[kind].namespace ?? ''));
  });
}

function describeGroup(group: readonly Named[], stage: ReturnType<typeof makeLane>, proving: Proving): void {
  const pairs = new Map<Named, Pair>();
  let written: Running;
  let control: Running;

  beforeAll(async () => {
    for (const scenario of group) pairs.set(scenario, await makePair(scenario, scenario.id, proving.backends()));
    const load = (kind: keyof Pair) =>
      stage(kind, objectsOf([...pairs.values()].map((pair) => pair[kind])), flagsOf(group, pairs, kind));
    [written, control] = await Promise.all([load('written'), load('control')]);
  }, HOOK_MS);

  for (const scenario of group) {
    it(`${scenario.file}: ${scenario.name}`, { concurrent: true, timeout: PATIENCE_MS }, async () => {
      const pair = pairs.get(scenario);
      if (pair) await proving.prove(scenario, pair, written, control);
    });
  }
}

/**
 * Defines the tests; to be called while vitest collects tests. A group is loaded when the tests of the previous group
 * of its lane have ended.
 */
export function describeLanes(groups: readonly (readonly Named[])[], proving: Proving): void {
  const hasFlags = ([first]: readonly Named[]) =>
    first !== undefined && first.flags.concat(first.control.flags ?? []).length > 0;
  for (let lane = 0; lane < LANES; lane += 1) {
    describe(`lane ${lane} of groups of scenarios with settings or flags, which run one after the other`, () => {
      const instances: Instance[] = [];
      const stage = makeLane(async (files, args) => {
        const instance = await startInstance(files, { args, readyWithin: START_MS });
        instances.push(instance);
        return instance;
      });
      afterAll(async () => {
        for (const instance of instances) await instance.dispose();
      }, 60_000);
      for (const group of groups.filter((each, i) => (hasFlags(each) ? 0 : i % LANES) === lane)) {
        const title =
          group.length === 1
            ? 'a group of one scenario'
            : 'a group of several scenarios; a scenario that settings of the others affect needs `alone`';
        describe(title, { concurrent: false }, () => {
          describeGroup(group, stage, proving);
        });
      }
    });
  }
}
