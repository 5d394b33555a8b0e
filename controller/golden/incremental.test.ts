import { test } from 'vitest';
import { assertIncremental } from './incremental/property.ts';

test('a build after any edits is the same as one from nothing', () => {
  assertIncremental(40, 20_260_301, 15);
  // Computes for ten seconds and more where nobody else does.
}, 300_000);
