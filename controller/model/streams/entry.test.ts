import { expect, test } from 'vitest';
import { parseEntry, portOf } from './entry.ts';

function parsed(text: string, protocol: 'TCP' | 'UDP' = 'TCP') {
  const result = parseEntry(text, protocol);
  return result.ok ? result.value : result.reason;
}

const PLAIN = {
  backend: { namespace: 'shop', service: 'db', port: 5432 },
  proxyIn: false,
  proxyOut: false,
  secret: null,
  bySource: false,
};

/** The longest name of a Service. */
const LONGEST = 'a'.repeat(63);

test.each([
  ['shop/db:5432', PLAIN],
  [' shop/db:pg ', { ...PLAIN, backend: { namespace: 'shop', service: 'db', port: 'pg' } }],
  ['shop/db:5432:PROXY', { ...PLAIN, proxyIn: true }],
  ['shop/db:5432::PROXY', { ...PLAIN, proxyOut: true }],
  ['shop/db:5432:proxy:Proxy', { ...PLAIN, proxyIn: true, proxyOut: true }],
  ['shop/db:5432:', PLAIN],
  ['shop/db:5432:TLS=shop/db-tls', { ...PLAIN, secret: 'shop/db-tls' }],
  ['shop/db:5432::PROXY:AFFINITY=source-ip:TLS=a/b', { ...PLAIN, proxyOut: true, bySource: true, secret: 'a/b' }],
  ['shop/db:5432:tls=shop/db-tls.v2:affinity=source-ip', { ...PLAIN, bySource: true, secret: 'shop/db-tls.v2' }],
  [`shop/${LONGEST}:5432`, { ...PLAIN, backend: { ...PLAIN.backend, service: LONGEST } }],
  ['shop/db:5432:UPSTREAM=service', { ...PLAIN, backend: { ...PLAIN.backend, viaService: true } }],
])('%s is accepted', (text, entry) => {
  expect(parsed(text)).toEqual(entry);
});

test.each([
  ['', /namespace\/service/],
  ['db:5432', /namespace\/service/],
  ['shop/db', /names no port/],
  ['shop/db:0', /"0", which is neither/],
  ['shop/db:99999', /"99999"/],
  ['shop/db:5432:TLS=', /does not name a Secret/],
  ['shop/db:5432:TLS=a/b:TLS=a/c', /TLS twice/],
  ['shop/db:5432:SSL', /unknown part "SSL"/],
  ['shop/db:5432:AFFINITY=cookie', /unknown part/],
  ['shop/db:5432:AFFINITY=source-ip=x', /unknown part "AFFINITY=source-ip=x"/],
  ['a/b/c:1', /namespace\/service/],
  ['shop/:5432', /namespace\/service/],
  ['::::::', /namespace\/service/],
  ['shop/db:5432::::::', /too many colons/],
  ['shop/db:5432:TLS=a/b:', /too many colons/],
  [
    'shop/db:5432:TLS=shop/x:PROXY',
    /^has PROXY after "TLS=shop\/x", but PROXY must follow the port, before the parts with a name$/,
  ],
  ['shop/db:5432:PROXY:PROXY:PROXY', /^has PROXY three times, but it may occur only twice$/],
  ['shop/db:5432:PROXY:PROXY:TLS=a/b:PROXY:PROXY', /^has PROXY 4 times/],
  ['shop/db:5432::PROXY:PROXY', /only the first two parts after the port may be PROXY or empty/],
  ['shop/db:5432::::PROXY', /only the first two parts after the port may be PROXY or empty/],
  ['shop/d;b:5432', /^names the Service "d;b", but the name of a Service has 1 to 63 characters \(a-z, 0-9, -\)/],
  ['Shop/db:5432', /^names the namespace "Shop", but the name of a namespace has/],
  [`shop/${LONGEST}a:5432`, /^names the Service "a{64}", but/],
  [`shop/${'a'.repeat(300)}:5432`, /^names the Service "a{79}…, but/],
  [`shop/db:${'9'.repeat(300)}`, /^names "9{79}…, which is neither/],
  [`shop/db:5432:${'x'.repeat(300)}`, /^has the unknown part "x{79}…$/],
  ['shop/db:5432:TLS=shop', /^has TLS="shop", which does not name a Secret$/],
  [
    'shop/db:5432:TLS=a/b=c',
    /^has TLS, which names the Secret "b=c", but the name of a Secret has 1 to 253 characters/,
  ],
  ['shop/db:5432:TLS=a.b/c', /^has TLS, which names the namespace "a.b", but/],
  [`shop/db:5432:TLS=a/${'b'.repeat(254)}`, /^has TLS, which names the Secret "b{79}…, but/],
])('%s is rejected', (text, reason) => {
  expect(parsed(text)).toMatch(reason);
});

test('a UDP entry has no PROXY protocol and no TLS', () => {
  expect(parsed('a/b:53', 'UDP')).toMatchObject({ backend: { port: 53, udp: true } });
  expect(parsed('a/b:53:PROXY', 'UDP')).toMatch(/only for TCP/);
  expect(parsed('a/b:53:TLS=a/b', 'UDP')).toBe('has TLS, which exists only for TCP');
  expect(parsed('a/b:53:AFFINITY=source-ip:PROXY', 'UDP')).toBe('has PROXY, which exists only for TCP');
  expect(parsed('a/b:53:::', 'UDP')).toMatch(/too many colons/);
  expect(parsed('a/b:53:SSL', 'UDP')).toMatch(/unknown part "SSL"/);
});

test('a port is a number from 1 to 65535 without leading zeros', () => {
  expect(['1', '65535'].map(portOf)).toEqual([1, 65_535]);
  expect(['0', '65536', '080', '-1', '1e3', 'x', ''].map(portOf)).toEqual(Array(7).fill(undefined));
});
