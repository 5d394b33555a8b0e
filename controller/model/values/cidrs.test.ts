import { expect, test } from 'vitest';
import { networks } from './cidrs.ts';

test.each([
  ['::ffff:127.0.0.1', ['127.0.0.1']],
  ['::ffff:7f00:1', ['127.0.0.1']],
  ['::ffff:10.1.2.3/104', ['10.0.0.0/8']],
  ['::ffff:192.0.2.1/128, 192.0.2.1', ['192.0.2.1', '192.0.2.1/32']],
  ['10.1.2.3/8', ['10.0.0.0/8']],
  ['2001:DB8::1/32', ['2001:db8::/32']],
])('%s → %j', (raw, expected) => {
  expect(networks.parse(raw)).toEqual({ ok: true, value: expected });
});
