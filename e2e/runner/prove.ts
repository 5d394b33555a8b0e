/** Checks that a scenario passes, and that it can fail: its expectations must fail for the control. */
import { expect } from 'vitest';
import type { Backends } from '../backends/start.ts';
import { confIn } from './conf.ts';
import { canProve, hasIpv6, possible } from './ipv6.ts';
import type { Predictions } from './prediction.ts';
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

/** An instance that has loaded a variant. */
export interface Running {
  readonly instance: Ports & Observed;
  /** The index of the first line that the instance printed after it had loaded the variant. */
  readonly from: number;
  readonly predictions?: Predictions;
}

const IPV6 = hasIpv6();

/** Both variants of a scenario. Each has its own host and namespace, which begin with `<id>a` and `<id>b`. */
export async function makePair(scenario: Scenario, id: string, backends: Backends): Promise<Pair> {
  return {
    written: await makeVariant(scenario, { id: `${id}a`, control: false, backends }),
    control: await makeVariant(scenario, { id: `${id}b`, control: true, backends }),
  };
}

/** The differences between a scenario's expectations and the result of a variant. */
async function judge(
  scenario: Scenario,
  variant: Variant,
  { instance, from, predictions }: Running,
  enough: 'one' | 'all',
): Promise<string[]> {
  const requests = possible(variant.requests, IPV6);
  const found = await runVariant({ ...variant, requests }, instance, enough, predictions);
  if (enough === 'one' && found.length > 0) return found;
  return [...found, ...(await checkInstance(scenario, variant, instance, from, enough === 'one'))];
}

/**
 * Fails the test if the scenario as written fails, or if its control passes. Returns whether this proves the keys that
 * the scenario covers. On a machine without IPv6, a scenario with requests to IPv6 addresses proves nothing: its other
 * requests must pass, and its control is not run.
 */
export async function prove(scenario: Scenario, pair: Pair, written: Running, control = written): Promise<boolean> {
  const found = await judge(scenario, pair.written, written, 'all');
  const block = () => confIn(written.instance.runDir).serverText(pair.written.host);
  expect(found, `${scenario.about}\n${found.length > 0 ? block() : ''}`).toEqual([]);
  if (!canProve(scenario, IPV6)) {
    process.stdout.write(
      `${scenario.name}: this machine has no IPv6, so IPv6 requests are skipped, and the scenario proves nothing\n`,
    );
    return false;
  }
  const without = await judge(scenario, pair.control, control, 'one');
  expect(
    without,
    'the control meets the same expectations without the key under test, so this scenario proves nothing',
  ).not.toEqual([]);
  return true;
}
