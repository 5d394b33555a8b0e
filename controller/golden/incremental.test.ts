import { test } from 'vitest';
import { assertIncremental } from './incremental/property.ts';

test('a build after any edits equals one from scratch', () => {
  assertIncremental(40, 20_260_301, 15);
  // Computes for ten seconds or more on an idle machine.
}, 300_000);
