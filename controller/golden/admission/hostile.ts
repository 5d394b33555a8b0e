/** Random objects in reviews, whatever their fields contain: there is always a verdict, and its texts stay within limits. */
import type { V1Ingress } from '@kubernetes/client-node';
import fc from 'fast-check';
import { expect } from 'vitest';
import { createBuild } from '../../app/build.ts';
import { ANNOTATION_KEYS, DEFAULT_PREFIX } from '../../model/features/annotations.ts';
import { createRender } from '../../render/render.ts';
import { MODEL_OPTIONS, RENDER_OPTIONS, TEMPLATES } from '../build-fixed.ts';
import { firstWorld } from '../incremental/edits.ts';
import { emptyWorld } from '../incremental/world.ts';
import { reviewerOf } from './reviewer.ts';

const SIGNS = Array.from('"\'\\${};#\n\r\0 ()|*?[]^~/\u202e\ud800é𝒳');
const WORDS = ['..', '${x}', '%0a', 'return 418 x', 'a.test', '*.', 'on', '8m', 'x'.repeat(300)];
const hostile = fc.array(fc.constantFrom(...SIGNS, ...WORDS), { maxLength: 10 }).map((parts) => parts.join(''));
const anything = fc.oneof({ weight: 60, arbitrary: hostile }, { weight: 1, arbitrary: fc.jsonValue() });
const annotation = fc.tuple(
  fc.oneof(
    fc.constantFrom(...ANNOTATION_KEYS.keys()).map((name) => `${DEFAULT_PREFIX}/${name}`),
    hostile.map((name) => `${DEFAULT_PREFIX}/${name}`),
    hostile,
  ),
  anything,
);
const path = fc.record(
  {
    path: anything,
    pathType: fc.oneof(fc.constantFrom('Exact', 'Prefix', 'ImplementationSpecific'), anything),
    backend: fc.record({
      service: fc.record({
        name: anything,
        port: fc.oneof(fc.record({ number: fc.integer() }), fc.record({ name: anything })),
      }),
    }),
  },
  { requiredKeys: [] },
);
const rule = fc.record(
  { host: anything, http: fc.record({ paths: fc.array(path, { maxLength: 3 }) }) },
  { requiredKeys: [] },
);
const object = fc.record({
  metadata: fc.record(
    {
      name: anything,
      namespace: fc.oneof({ weight: 9, arbitrary: fc.constant('a') }, { weight: 1, arbitrary: anything }),
      uid: anything,
      creationTimestamp: anything,
      generateName: anything,
      annotations: fc.array(annotation, { maxLength: 5 }).map((all) => Object.fromEntries(all)),
    },
    { requiredKeys: ['annotations'] },
  ),
  spec: fc.oneof(
    {
      weight: 9,
      arbitrary: fc.record({
        rules: fc.array(rule, { maxLength: 3 }),
        tls: fc.array(fc.record({ hosts: fc.array(anything), secretName: anything })),
      }),
    },
    { weight: 1, arbitrary: anything },
  ),
});

/** Control characters, and characters that change the direction of text. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069]/;

/**
 * Reviews `runs` objects, which depend only on the seed. Returns how many of them were built, and how many of those were
 * denied.
 */
export async function assertVerdictForEverything(
  runs: number,
  seed: number,
): Promise<{ readonly built: number; readonly denied: number }> {
  const render = createRender(TEMPLATES, RENDER_OPTIONS);
  const build = createBuild(MODEL_OPTIONS, () => render);
  const world = firstWorld(emptyWorld());
  build(world.snapshot, world.overrides);
  const { review } = reviewerOf(build);
  let [built, denied] = [0, 0];
  await fc.assert(
    fc.asyncProperty(object, async (given) => {
      const verdict = await review(given as unknown as V1Ingress);
      if (verdict === undefined) throw new Error('there is no verdict');
      const { denial, warnings } = verdict;
      const isMalformed = /cannot be read as an Ingress/.test(denial ?? '');
      if (!isMalformed) built += 1;
      if (!isMalformed && denial !== undefined) denied += 1;
      for (const text of [denial ?? '', ...warnings]) expect(text).not.toMatch(UNSAFE);
      for (const warning of warnings) expect(Buffer.byteLength(warning)).toBeLessThanOrEqual(256);
      expect(Buffer.byteLength(warnings.join(''))).toBeLessThanOrEqual(4096);
      expect(Buffer.byteLength(denial ?? '')).toBeLessThan(6000);
    }),
    { numRuns: runs, seed },
  );
  return { built, denied };
}
