/** The time that is reported for a change: since the oldest change that is still not in force. */
import { expect, test } from 'vitest';
import type { Nginx } from '../types/nginx.ts';
import type { Outcome } from '../types/outcome.ts';
import { build } from '../model/build.ts';
import { MODEL_OPTIONS } from '../golden/build-fixed.ts';
import { emptySnapshot } from '../types/snapshot.ts';
import type { Built, Overrides } from './build.ts';
import type { Live } from './live.ts';
import type { Decided } from './refusals.ts';
import { createStructure } from './structure.ts';

const { plan } = build(emptySnapshot(), { ...MODEL_OPTIONS, quarantine: new Map(), resolvedNames: new Map() });
const overrides = { quarantine: new Map() } as unknown as Overrides;
const RELOADED = { kind: 'reload' } as unknown as Outcome;
const REFUSED = { kind: 'refused', check: { message: 'no' } } as unknown as Outcome;
const FAILED = { kind: 'failed', message: 'no' } as unknown as Outcome;

/** A build whose nginx.conf has this digest. */
function builtAs(confDigest: string): Built {
  return { artifact: { confDigest, live: [] }, plan, overrides, snapshot: emptySnapshot() } as unknown as Built;
}

/** Runs with the digest `first`. `outcomes`: those of the reloads, in order; by default they succeed. */
async function running(outcomes: readonly Outcome[], decided: Decided = 'left-out') {
  const elapsed: (number | undefined)[] = [];
  const left = [...outcomes];
  let latest = builtAs('first');
  let hold: Promise<void> = Promise.resolve();
  const nginx = {
    start: () => Promise.resolve({ kind: 'started' }),
    reload: () => hold.then(() => left.shift() ?? RELOADED),
    onExit: () => undefined,
    anticipate: () => undefined,
    replaceComments: () => Promise.resolve(),
  } as unknown as Nginx;
  const structure = createStructure({
    nginx,
    build: undefined as never,
    live: { target: () => ({ live: [] }) } as unknown as Live,
    report: {
      structure: (outcome, _, ms) => void (outcome === RELOADED && elapsed.push(ms)),
      problems: () => undefined,
      live: () => undefined,
      fault: () => undefined,
      info: () => undefined,
      error: () => undefined,
    },
    quietMs: 0,
    spacingMs: 0,
    beforeStart: () => Promise.resolve(undefined),
    latest: () => latest,
    buildNow: () => Promise.resolve(latest),
    building: () => false,
    overrides: () => overrides,
    decide: () => Promise.resolve(decided),
    leaveUnbound: () => Promise.resolve(false),
    inForce: () => undefined,
    rebuild: () => undefined,
  });
  await structure.coldStart(latest);
  return {
    structure,
    elapsed,
    left,
    /** A change that was noticed this many seconds ago leads to this digest. */
    change(digest: string, seconds: number, patient = false): void {
      latest = builtAs(digest);
      structure.consider(latest, performance.now() - seconds * 1000, () => patient);
    },
    /** Reloads end only when the returned function is called. */
    holdReloads(): () => void {
      const { promise, resolve } = Promise.withResolvers<void>();
      hold = promise;
      return resolve;
    },
  };
}

/** In seconds, rounded down to tens. */
function tens(all: readonly (number | undefined)[]): readonly number[] {
  return all.map((ms) => Math.floor((ms ?? NaN) / 1000 / 10) * 10);
}

test('the oldest of the changes that are applied together counts', async () => {
  const { change, elapsed } = await running([]);
  change('a', 90, true);
  change('ab', 20);
  await expect.poll(() => elapsed).toHaveLength(1);
  expect(tens(elapsed)).toEqual([90]);
});

test('a change that was taken back before it was applied does not count', async () => {
  const { change, elapsed } = await running([]);
  change('a', 90, true);
  change('first', 80);
  change('b', 20);
  await expect.poll(() => elapsed).toHaveLength(1);
  expect(tens(elapsed)).toEqual([20]);
});

test('a change that nginx refused and that is left out does not count', async () => {
  const { change, elapsed, left } = await running([REFUSED]);
  change('bad', 90);
  await expect.poll(() => left).toEqual([]);
  // The build that leaves it out is the one in force.
  change('first', 80);
  change('b', 20);
  await expect.poll(() => elapsed).toHaveLength(1);
  expect(tens(elapsed)).toEqual([20]);
});

test('a reload that failed is repeated, and the time since its change counts', async () => {
  const { change, elapsed, left } = await running([FAILED]);
  change('a', 90);
  await expect.poll(() => left).toEqual([]);
  change('ab', 20);
  await expect.poll(() => elapsed).toHaveLength(1);
  expect(tens(elapsed)).toEqual([90]);
});

test('taking a change back while it is applied counts from then on', async () => {
  const { change, elapsed, holdReloads, structure } = await running([]);
  const release = holdReloads();
  change('a', 90);
  await expect.poll(structure.busyMs).toBeGreaterThan(0);
  change('first', 30);
  release();
  await expect.poll(() => elapsed).toHaveLength(2);
  expect(tens(elapsed)).toEqual([90, 30]);
});
