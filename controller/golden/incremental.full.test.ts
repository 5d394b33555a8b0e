import { test } from 'vitest';
import { assertIncremental } from './incremental/property.ts';

test.each([1, 2])(
  'a build after many edits equals a build from scratch, seed %i',
  (seed) => {
    assertIncremental(250, seed, 40);
  },
  600_000,
);
