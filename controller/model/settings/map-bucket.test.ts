import { expect, test } from 'vitest';
import { mapBucket } from './map-bucket.ts';

test.each([
  [[], 128],
  [['/healthz'], 128],
  // With buckets of 128 bytes, NGINX accepts up to 110 characters.
  [[`/${'x'.repeat(109)}`], 128],
  [[`/${'x'.repeat(110)}`], 136],
  [[`/${'x'.repeat(109)}`, `/${'x'.repeat(1999)}`, '/a'], 2024],
  [[`~${'x'.repeat(1999)}`], 128],
])('the bucket size of a map fits the longest plain text of skip-access-log-urls', (keys, size) => {
  const { args } = mapBucket({ 'map-hash-bucket-size': 128, 'skip-access-log-urls': keys });
  expect(args.map(({ conf }) => conf)).toEqual([String(size)]);
});
