import { expect, test } from 'vitest';
import { isPasswordHash } from './password-hash.ts';

const BCRYPT = 'abcdefghijklmnopqrstuuQbLfdQZSxZ9gjhA5V9o8Tyc6aQRO0Qi';
const SHA_512 = `abcdefgh$${'x'.repeat(86)}`;
const YESCRYPT = `F5Jx5fExrKuPp53xLKQ..1$${'x'.repeat(43)}`;

// e2e/scenarios/auth-basic.yaml shows that NGINX accepts each form.
test.each([
  ['as many rounds as take 0.2 s', `$2y$12$${BCRYPT}`, `$2y$13$${BCRYPT}`],
  ['no fewer than crypt() takes', `$2y$04$${BCRYPT}`, `$2y$03$${BCRYPT}`],
  ['rounds of SHA-512', `$6$rounds=199999$${SHA_512}`, `$6$rounds=200000$${SHA_512}`],
  ['rounds of SHA-512 that take an hour', `$6$rounds=20000$${SHA_512}`, `$6$rounds=999999999$${SHA_512}`],
  ['memory of yescrypt', `$y$jBT$${YESCRYPT}`, `$y$jCT$${YESCRYPT}`],
  ['a password that is not empty', '{PLAIN}x', '{PLAIN}'],
  ['text that is a hash', '{SHA}F2GPAaOiG5EcklvLUlodIavTBnM=', 'opensesame'],
])('%s', (_, accepted, refused) => {
  expect(isPasswordHash(accepted)).toBe(true);
  expect(isPasswordHash(refused)).toBe(false);
});
