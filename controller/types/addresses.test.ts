/** Which addresses Tidegate may connect to. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AddressRules, API_SERVER_PORTS, judgeOf, NO_EXCEPTIONS, OWN_PORTS, rangeOf } from './addresses.ts';
import { ip4, ip6 } from './ip-numbers.ts';

const strict = judgeOf(NO_EXCEPTIONS);

test.each([
  ['127.0.0.1', 'a loopback address'],
  ['127.255.0.3', 'a loopback address'],
  ['::1', 'a loopback address'],
  ['0.0.0.0', 'an unspecified address'],
  ['0.1.2.3', 'an unspecified address'],
  ['::', 'an unspecified address'],
  ['169.254.169.254', 'a link-local address'],
  ['169.254.170.23', 'a link-local address'],
  ['fe80::1', 'a link-local address'],
  ['febf::a9fe:a9fe', 'a link-local address'],
  ['224.0.0.1', 'a multicast address'],
  ['239.255.255.255', 'a multicast address'],
  ['ff02::1', 'a multicast address'],
  ['255.255.255.255', 'the broadcast address'],
  ['168.63.129.16', 'the metadata service of a cloud'],
  ['100.100.100.200', 'the metadata service of a cloud'],
  ['192.0.0.192', 'the metadata service of a cloud'],
  ['fd00:ec2::254', 'the metadata service of a cloud'],
  ['fd00:ec2::23', 'the metadata service of a cloud'],
  ['fd20:ce::254', 'the metadata service of a cloud'],
  ['fd00:c1::a9fe:a9fe', 'the metadata service of a cloud'],
  ['fd00:42::42', 'the metadata service of a cloud'],
  ['fd00:a9fe:a9fe::1', 'the metadata service of a cloud'],
  ['::ffff:127.0.0.1', 'a loopback address inside an IPv6 address'],
  ['::ffff:168.63.129.16', 'the metadata service of a cloud inside an IPv6 address'],
  ['::127.0.0.1', 'a loopback address inside an IPv6 address'],
  ['::ffff:0:169.254.169.254', 'a link-local address inside an IPv6 address'],
  ['64:ff9b::a9fe:a9fe', 'a link-local address inside an IPv6 address'],
  ['64:ff9b::', 'an unspecified address inside an IPv6 address'],
  ['64:ff9b:1::a9fe:a9fe', 'a link-local address inside an IPv6 address'],
  // RFC 6052, 2.2: the address after prefixes of 48, 56 and 64 bits.
  ['64:ff9b:1:a9fe:a9:fe00::', 'a link-local address inside an IPv6 address'],
  ['64:ff9b:1:aa:fe:a9fe::', 'an unspecified address inside an IPv6 address'],
  ['64:ff9b:1:aaa9:fe:a9fe::', 'a link-local address inside an IPv6 address'],
  ['64:ff9b:1:aabb:a9:fea9:fe00:0', 'a link-local address inside an IPv6 address'],
  ['2002:7f00:1::', 'a loopback address inside an IPv6 address'],
  ['2002:a83f:8110::1', 'the metadata service of a cloud inside an IPv6 address'],
  ['2001:0:4136:e378:8000:63bf:5601:5601', 'a link-local address inside an IPv6 address'],
  ['2001:0:7f00:1:8000:63bf:3fff:fdd2', 'a loopback address inside an IPv6 address'],
  ['2001:db8::5efe:7f00:1', 'a loopback address inside an IPv6 address'],
  ['2001:db8::200:5efe:a9fe:a9fe', 'a link-local address inside an IPv6 address'],
  ['fe80::1%eth0', 'not an address'],
  ['10.0.0', 'not an address'],
  ['2130706433', 'not an address'],
  ['0x7f.0.0.1', 'not an address'],
  ['10.0.0.256', 'not an address'],
  ['127.0.0.01', 'not an address'],
  ['localhost', 'not an address'],
  ['', 'not an address'],
])('the address %s is refused as %s', (address, what) => {
  expect(strict(address)).toBe(what);
});

test.each([
  '10.0.0.7',
  '100.64.0.1',
  '100.100.100.201',
  '168.63.129.17',
  '169.253.255.255',
  '172.16.0.1',
  '192.168.1.1',
  '192.0.2.1',
  '240.0.0.1',
  '93.184.215.14',
  'fd12:3456::1',
  'fd00:ec3::254',
  '2001:db8::1',
  '2606:2800:21f:cb07::1',
  '64:ff9b::5db8:d70e',
  '64:ff9b:1::a00:7',
  '::ffff:10.0.0.7',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2',
])('a connection to %s is allowed', (address) => {
  expect(strict(address)).toBeUndefined();
});

test('ranges and addresses that the administrator exempts are allowed, in any notation', () => {
  const judge = judgeOf({ ...NO_EXCEPTIONS, allowed: ['127.0.0.0/8', 'fe80::7', 'nonsense'] });
  for (const address of ['127.0.0.1', '::ffff:127.9.9.9', '64:ff9b::7f00:1', 'fe80::7'])
    expect(judge(address)).toBeUndefined();
  for (const address of ['::1', 'fe80::8', '169.254.169.254', '128.0.0.1.']) expect(judge(address)).toBeDefined();
});

test('reserved addresses are forbidden, in any notation, on their ports only', () => {
  const rules: AddressRules = {
    allowed: ['10.9.0.0/16'],
    reserved: [
      { addresses: ['10.1.2.3', 'fd12::3', 'no-address'], ports: [8080, 10254], what: OWN_PORTS },
      { addresses: ['10.1.2.3', '10.9.0.1'], ports: [6443], what: API_SERVER_PORTS },
    ],
  };
  const judge = judgeOf(rules);
  expect(judgeOf(rules)).toBe(judge);
  for (const address of ['10.1.2.3', 'fd12:0::3', 'FD12::3'])
    expect([address, judge(address, 8080), judge(address, 3000)]).toEqual([address, OWN_PORTS, undefined]);
  for (const address of ['::ffff:10.1.2.3', '64:ff9b::10.1.2.3', '2002:0a01:0203::1'])
    expect([address, judge(address, 10254)]).toEqual([address, `${OWN_PORTS} inside an IPv6 address`]);
  expect([judge('10.1.2.4', 8080), judge('10.1.2.3')]).toEqual([undefined, undefined]);
  expect([judge('10.1.2.3', 6443), judge('10.9.0.1', 6443)]).toEqual([API_SERVER_PORTS, undefined]);
});

test('ranges are parsed with and without a prefix length, and invalid ranges are rejected', () => {
  expect(rangeOf('10.0.0.1')?.bits).toBe(32);
  expect(rangeOf('fd00::1')?.bits).toBe(128);
  for (const text of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'fd00::/129', '10.0.0', 'a', '/8'])
    expect(rangeOf(text)).toBeUndefined();
});

test('addresses are parsed as Node.js parses them', () => {
  const group = fc.nat({ max: 0xffff }).map((number) => number.toString(16));
  const anyText = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc
      .array(fc.oneof(group, fc.constantFrom('', '0', '1.2.3.4', '256.1.1.1', 'g')), { maxLength: 9 })
      .map((parts) => parts.join(':')),
    fc.array(fc.nat({ max: 300 }), { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.')),
  );
  const isSame = (text: string, again: string, family: 'ipv4' | 'ipv6') => {
    const list = new BlockList();
    list.addAddress(again, family);
    return list.check(text, family);
  };
  fc.assert(
    fc.property(anyText, (text) => {
      const [four, six] = [ip4(text), ip6(text)];
      expect([four !== undefined, six !== undefined]).toEqual([isIPv4(text), isIPv6(text)]);
      if (four !== undefined) {
        const bytes = [24, 16, 8, 0].map((bits) => Math.floor(four / 2 ** bits) % 256);
        expect(isSame(text, bytes.join('.'), 'ipv4')).toBe(true);
      }
      if (six !== undefined) expect(isSame(text, six.map((part) => part.toString(16)).join(':'), 'ipv6')).toBe(true);
    }),
    { numRuns: 20_000 },
  );
});
