import { expect, test } from 'vitest';
import { canProve, hasIpv6, possible } from './ipv6.ts';
import { readScenario } from './scenario.ts';

const { requests } = readScenario({
  name: 'both',
  about: 'both families',
  requests: [{}, { address: '127.0.0.5' }, { address: '::1' }],
  control: {},
});
const loopback = { netmask: '', mac: '', internal: true, cidr: null };

test('hasIpv6 returns true if a network interface has an IPv6 address', () => {
  const lo = [{ ...loopback, address: '127.0.0.1', family: 'IPv4' as const }];
  expect(hasIpv6({ lo })).toBe(false);
  expect(hasIpv6({ lo, eth0: [{ ...loopback, address: '::1', family: 'IPv6', scopeid: 0 }] })).toBe(true);
});

test('without IPv6, only requests to IPv4 addresses are sent, and a scenario with IPv6 requests proves nothing', () => {
  expect(possible(requests, true)).toEqual(requests);
  expect(possible(requests, false)).toEqual(requests.slice(0, 2));
  expect(canProve({ requests }, true)).toBe(true);
  expect(canProve({ requests }, false)).toBe(false);
  expect(canProve({ requests: requests.slice(0, 2) }, false)).toBe(true);
});
