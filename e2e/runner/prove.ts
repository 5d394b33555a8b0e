/** A scenario holds, and it could have failed: the same expectations do not hold without the key it is about. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Backends } from '../backends/start.ts';
import { serverText } from './conf.ts';
import { checkInstance } from './logs.ts';
import type { Observed } from './logs.ts';
import { runVariant } from './run.ts';
import type { Scenario } from './scenario.ts';
import type { Ports } from './socket.ts';
import { makeVariant } from './variant.ts';
import type { Variant } from './variant.ts';

export interface Pair {
  readonly written: Variant;
  readonly control: Variant;
}

/** An instance that has loaded a variant; what it printed about that begins at line `from`. */
export interface Running {
  readonly instance: Ports & Observed;
  readonly from: number;
}

/** Both variants, each with a host and a namespace of its own, `<id>a` and `<id>b`. */
export async function makePair(scenario: Scenario, id: string, backends: Backends): Promise<Pair> {
  return {
    written: await makeVariant(scenario, { id: `${id}a`, control: false, backends }),
    control: await makeVariant(scenario, { id: `${id}b`, control: true, backends }),
  };
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
  return [...found, ...(await checkInstance(scenario, variant, instance, from, enough === 'one'))];
}

/** Fails the test where the scenario as written does not hold, or its control does. */
export async function prove(scenario: Scenario, pair: Pair, written: Running, control = written): Promise<void> {
  const found = await judge(scenario, pair.written, written, 'all');
  const conf = found.length > 0 ? readFileSync(`${written.instance.runDir}/conf/nginx.conf`, 'utf8') : '';
  expect(found, `${scenario.about}\n${found.length > 0 ? serverText(conf, pair.written.host) : ''}`).toEqual([]);
  const without = await judge(scenario, pair.control, control, 'one');
  expect(without, 'the same expectations hold without the key under test: this scenario cannot fail').not.toEqual([]);
}
