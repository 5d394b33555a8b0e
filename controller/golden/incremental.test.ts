import { test } from 'vitest';
import { assertIncremental } from './incremental/property.ts';

test('a build after any edits is the same as one from nothing', () => {
  assertIncremental(40, 20_260_301, 15);
});
