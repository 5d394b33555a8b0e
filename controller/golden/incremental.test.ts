import { test } from 'vitest';
import { assertIncremental } from './incremental/property.ts';

test('a build after random edits equals a build from scratch', () => {
  assertIncremental(40, 20_260_301, 15);
  // The test runs for ten seconds or more, even on an idle machine.
}, 300_000);
