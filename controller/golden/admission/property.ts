/** The verdict about an Ingress is what a build with this Ingress says, on random clusters. */
import { isDeepStrictEqual } from 'node:util';
import type { V1Ingress } from '@kubernetes/client-node';
import fc from 'fast-check';
import { expect } from 'vitest';
import { build } from '../../model/build.ts';
import { chooseIngress } from '../../model/ingress/ingress-class.ts';
import { ingressRef } from '../../model/contract/object-ref.ts';
import { denies } from '../../types/denial.ts';
import { problemIdentity } from '../../types/problem-identity.ts';
import { isSameObject, type Problem } from '../../types/problem.ts';
import { diff } from '../../types/table/diff.ts';
import { MODEL_OPTIONS } from '../build-fixed.ts';
import { anyEdit, firstWorld } from '../incremental/edits.ts';
import { annotationEdit, ingressEdit } from '../incremental/ingress-edits.ts';
import type { Edit } from '../incremental/names.ts';
import { freshBuild, VARIANTS } from '../incremental/property.ts';
import { copied, emptyWorld, put, type World } from '../incremental/world.ts';
import { type Reviewer, reviewerOf } from './reviewer.ts';

/** How many verdicts of each kind were compared. */
export interface Verdicts {
  admitted: number;
  warned: number;
  denied: number;
}

/** As in verdict.ts. */
const MOMENTARY = new Set(['no-endpoints', 'unresolved-external-name']);

function dated(ingress: V1Ingress): V1Ingress {
  return Object.assign({}, ingress, {
    metadata: Object.assign({ creationTimestamp: '2025-06-01T00:00:00Z' }, ingress.metadata),
  });
}

interface Case {
  readonly world: World;
  readonly key: string;
  readonly was: V1Ingress | undefined;
  readonly now: V1Ingress;
  readonly variant: number;
}

/** The Problems of a build from scratch. It gets copies, for which nothing is cached. */
function problemsOf(world: World, variant: number): readonly Problem[] {
  const { snapshot, overrides } = copied(world);
  return build(snapshot, { ...MODEL_OPTIONS, ...VARIANTS[variant], ...overrides }).problems;
}

/** Compares the verdict about `now` with builds from scratch. Returns the world with this Ingress. */
async function compare(
  { review, stored }: Reviewer,
  { world, key, was, now, variant }: Case,
  counts: Verdicts,
): Promise<World> {
  const kept = stored(now);
  if (kept === undefined) throw new Error('an edit made a malformed Ingress');
  const next = put(world, 'Ingress', key, kept);
  const verdict = await review(now, was);
  if (verdict === undefined) throw new Error('there is no verdict');
  const options = { ...MODEL_OPTIONS, ...VARIANTS[variant] };
  const isUnchanged = was !== undefined && isDeepStrictEqual(stored(was), kept);
  if (isUnchanged || !chooseIngress(kept, world.snapshot, options).ours) {
    expect(verdict).toEqual({ warnings: [] });
    return next;
  }
  const [before, after] = [problemsOf(world, variant), problemsOf(next, variant)];
  const ref = ingressRef(kept);
  const known = new Set(before.map(problemIdentity));
  const denying = after.filter(
    (problem) => !known.has(problemIdentity(problem)) && denies(problem, ref, { allowsDuplicatePaths: false }),
  );
  expect(verdict.denial !== undefined, `${verdict.denial} ${JSON.stringify(denying)}`).toBe(denying.length > 0);
  const own = after.filter(({ object, code }) => isSameObject(object, ref) && !MOMENTARY.has(code));
  if (verdict.denial === undefined && verdict.warnings.length === 0) expect(own).toEqual([]);
  counts[verdict.denial !== undefined ? 'denied' : verdict.warnings.length > 0 ? 'warned' : 'admitted'] += 1;
  return next;
}

async function checkAll(edits: readonly Edit[], variant: number, counts: Verdicts): Promise<void> {
  const loop = freshBuild(variant);
  const reviewer = reviewerOf(loop);
  let world = firstWorld(emptyWorld());
  for (const edit of edits) {
    loop(world.snapshot, world.overrides);
    const edited = edit.apply(world);
    const [change] = diff(world.snapshot.Ingress, edited.snapshot.Ingress);
    const [key, was, now] = change ?? [];
    world =
      key === undefined || now === undefined
        ? edited
        : await compare(reviewer, { world, key, was, now: dated(now), variant }, counts);
  }
}

/** Checks `runs` sequences of edits, which depend only on the seed. */
export async function assertVerdicts(runs: number, seed: number, maxLength: number): Promise<Verdicts> {
  const counts: Verdicts = { admitted: 0, warned: 0, denied: 0 };
  const edits = fc.array(fc.oneof(ingressEdit, annotationEdit, anyEdit), { minLength: 1, maxLength, size: 'max' });
  const variant = fc.nat({ max: VARIANTS.length - 1 });
  await fc.assert(
    fc.asyncProperty(edits, variant, (given, chosen) => checkAll(given, chosen, counts)),
    { numRuns: runs, seed },
  );
  return counts;
}
