import { expect, test } from 'vitest';
import { networks } from './cidrs.ts';

test.each([
  ['::ffff:127.0.0.1', ['127.0.0.1']],
  ['::ffff:7f00:1', ['127.0.0.1']],
  ['::ffff:10.1.2.3/104', ['10.0.0.0/8']],
  ['::ffff:192.0.2.1/128, 192.0.2.1', ['192.0.2.1', '192.0.2.1/32']],
  ['10.1.2.3/8', ['10.0.0.0/8']],
  ['2001:DB8::1/32', ['2001:db8::/32']],
])('the list "%s" contains the networks %j', (raw, expected) => {
  expect(networks.parse(raw)).toEqual({ ok: true, value: expected });
});

test.each([
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['::', '::'],
  ['1::/16', '1::/16'],
  ['2001:db8:ffff:ffff:ffff::1/33', '2001:db8:8000::/33'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.9/120', '192.0.2.0/24'],
  // An IPv4-compatible address is different from an IPv4-mapped one, and is not converted.
  ['::192.0.2.1', '::c000:201'],
  ['192.0.2.255/0', '0.0.0.0/0'],
  ['255.255.255.255/31', '255.255.255.254/31'],
])('%s is written as %s', (written, expected) => {
  expect(networks.parse(written)).toMatchObject({ ok: true, value: [expected] });
});

test.each([
  '1.2.3.4/33',
  '1.2.3.4/',
  '1.2.3/24',
  '01.2.3.4',
  '::1/129',
  '::1%eth0',
  '1:2:3:4:5:6:7::8::',
  '12345::',
  '::ffff:1.2.3.04',
])('%s is not a network', (written) => {
  expect(networks.parse(written).ok).toBe(false);
});
