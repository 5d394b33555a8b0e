import { testRandomSecrets } from './random-secrets-of.ts';

testRandomSecrets(
  Array.from({ length: 10 }, (_, index) => 1000 + index),
  250,
  300_000,
);
