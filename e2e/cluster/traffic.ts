/** Constant load over the sites of a pod during a change of its cluster. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { hostOf } from '../behaviour/site.ts';
import { isLossless, startLoad } from '../client/load.ts';
import type { Losses } from '../client/load.ts';
import { watchGenerations } from '../runner/generations.ts';
import type { Pod } from './pod.ts';

export interface Observed {
  readonly losses: Losses;
  /** Reloads of NGINX, counted by the generations of its workers. */
  readonly reloads: number;
}

/** Runs `change` under load; the load ends after it, at the latest after `maxMs`. */
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

/** Nothing was lost, and NGINX was not reloaded. */
export function expectUntouched({ losses, reloads }: Observed): void {
  expect(losses.examples).toEqual([]);
  expect(isLossless(losses)).toBe(true);
  expect(reloads).toBe(0);
}
