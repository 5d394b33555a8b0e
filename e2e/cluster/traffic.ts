/** Sends constant load to the sites of a pod while its cluster changes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { hostOf } from '../behaviour/site.ts';
import { isLossless, startLoad } from '../client/load.ts';
import type { Losses } from '../client/load.ts';
import { watchGenerations } from '../runner/generations.ts';
import type { Pod } from './pod.ts';

export interface Observed {
  readonly losses: Losses;
  /** How many reloads of NGINX there were, counted by the generations of its workers. */
  readonly reloads: number;
}

/** Runs `change` under load. The load ends after the change, at the latest after `maxMs` milliseconds. */
export async function underLoad(
  pod: Pod,
  sites: readonly string[],
  change: () => Promise<void>,
  maxMs = 30_000,
): Promise<Observed> {
  let turn = 0;
  const generations = watchGenerations(pod.runDir);
  const load = startLoad(
    {
      next: () => ({ port: pod.httpPort, host: hostOf(sites[(turn += 1) % sites.length] ?? ''), path: '/' }),
      kept: 4,
      fresh: 1,
      pause: 4,
    },
    maxMs,
  );
  await sleep(200);
  try {
    await change();
    await sleep(300);
  } finally {
    await load.stop();
    generations.stop();
  }
  return { losses: load.losses, reloads: generations.reloads() };
}

/** Expects that no request was lost and that NGINX was not reloaded. */
export function expectUntouched({ losses, reloads }: Observed): void {
  expect(losses.examples).toEqual([]);
  expect(isLossless(losses)).toBe(true);
  expect(reloads).toBe(0);
}
