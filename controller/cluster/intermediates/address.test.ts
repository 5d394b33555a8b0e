import { expect, test } from 'vitest';
import { mayBeAsked } from './address.ts';

test.each(['93.184.215.14', '10.0.0.7', '192.168.1.1', '2606:2800:21f:cb07::1', 'fd12:3456::1', '64:ff9b::5db8:d70e'])(
  'an issuer at %s may be contacted',
  (address) => {
    expect(mayBeAsked(address)).toBe(true);
  },
);

test.each([
  '127.0.0.1',
  '::1',
  '::ffff:127.0.0.1',
  '0.0.0.0',
  '::',
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '64:ff9b::a9fe:a9fe',
  'fe80::1',
  'fd00:ec2::254',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  '224.0.0.1',
  '255.255.255.255',
  'ff02::1',
  '2002:7f00:1::',
  'localhost',
  '',
])('an issuer at %s may not be contacted', (address) => {
  expect(mayBeAsked(address)).toBe(false);
});
