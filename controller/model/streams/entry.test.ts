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

test.each([
  ['shop/db:5432', PLAIN],
  [' shop/db:pg ', { ...PLAIN, backend: { namespace: 'shop', service: 'db', port: 'pg' } }],
  ['shop/db:5432:PROXY', { ...PLAIN, proxyIn: true }],
  ['shop/db:5432::PROXY', { ...PLAIN, proxyOut: true }],
  ['shop/db:5432:proxy:Proxy', { ...PLAIN, proxyIn: true, proxyOut: true }],
  ['shop/db:5432:', PLAIN],
  ['shop/db:5432:TLS=shop/db-tls', { ...PLAIN, secret: 'shop/db-tls' }],
  ['shop/db:5432::PROXY:AFFINITY=source-ip:TLS=a/b', { ...PLAIN, proxyOut: true, bySource: true, secret: 'a/b' }],
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
  ['shop/d;b:5432', /namespace\/service/],
  ['a/b/c:1', /namespace\/service/],
])('%s is rejected', (text, reason) => {
  expect(parsed(text)).toMatch(reason);
});

test('a UDP entry has no PROXY protocol and no TLS', () => {
  expect(parsed('a/b:53', 'UDP')).toMatchObject({ backend: { port: 53, udp: true } });
  expect(parsed('a/b:53:PROXY', 'UDP')).toMatch(/only for TCP/);
  expect(parsed('a/b:53:TLS=a/b', 'UDP')).toMatch(/unknown part/);
});

test('a port is a number from 1 to 65535 without leading zeros', () => {
  expect(['1', '65535'].map(portOf)).toEqual([1, 65_535]);
  expect(['0', '65536', '080', '-1', '1e3', 'x', ''].map(portOf)).toEqual(Array(7).fill(undefined));
});
