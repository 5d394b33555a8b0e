import { expect, test } from 'vitest';
import { mapBucket } from './map-bucket.ts';

test.each([
  [[], 128],
  [['/healthz'], 128],
  // NGINX takes 110 characters with buckets of 128 bytes, and no more.
  [[`/${'x'.repeat(109)}`], 128],
  [[`/${'x'.repeat(110)}`], 136],
  [[`/${'x'.repeat(109)}`, `/${'x'.repeat(1999)}`, '/a'], 2024],
  [[`~${'x'.repeat(1999)}`], 128],
])('buckets for texts of these lengths', (keys, size) => {
  const { args } = mapBucket({ 'map-hash-bucket-size': 128, 'skip-access-log-urls': keys });
  expect(args.map(({ conf }) => conf)).toEqual([String(size)]);
});
