import { expect, test } from 'vitest';
import { isPasswordHash } from './password-hash.ts';

const BCRYPT = 'abcdefghijklmnopqrstuuQbLfdQZSxZ9gjhA5V9o8Tyc6aQRO0Qi';
const SHA_512 = `abcdefgh$${'x'.repeat(86)}`;
const YESCRYPT = `F5Jx5fExrKuPp53xLKQ..1$${'x'.repeat(43)}`;

// Each case has an accepted and a refused text. e2e/scenarios/auth-basic.yaml shows that NGINX accepts each form.
test.each([
  ['bcrypt with rounds that take at most 0.2 s', `$2y$12$${BCRYPT}`, `$2y$13$${BCRYPT}`],
  ['bcrypt with the minimum rounds of crypt()', `$2y$04$${BCRYPT}`, `$2y$03$${BCRYPT}`],
  ['SHA-512 with the maximum number of rounds', `$6$rounds=199999$${SHA_512}`, `$6$rounds=200000$${SHA_512}`],
  ['SHA-512, but not with rounds that take an hour', `$6$rounds=20000$${SHA_512}`, `$6$rounds=999999999$${SHA_512}`],
  ['yescrypt with the maximum memory', `$y$jBT$${YESCRYPT}`, `$y$jCT$${YESCRYPT}`],
  ['a plain password that is not empty', '{PLAIN}x', '{PLAIN}'],
  [
    'a hash with the mark of its scheme, but not a plain text without a mark',
    '{SHA}F2GPAaOiG5EcklvLUlodIavTBnM=',
    'opensesame',
  ],
])('isPasswordHash() accepts %s', (_, accepted, refused) => {
  expect(isPasswordHash(accepted)).toBe(true);
  expect(isPasswordHash(refused)).toBe(false);
});
