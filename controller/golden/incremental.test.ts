import { test } from 'vitest';
import { assertIncremental } from './incremental/property.ts';

test('a build after random edits equals a build from scratch', () => {
  assertIncremental(15, 20_260_301, 15);
  // The test runs for several seconds, even on an idle machine.
}, 300_000);
