import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { literal } from '../../types/conf-value.ts';
import { type Directive, directive } from '../../types/directive.ts';
import { shareAccess, sourcesOf } from './access-lists.ts';

const rule = (name: 'allow' | 'deny', network: string) => directive(name, literal(network));

/** The verdict of NGINX, in which the first matching rule decides. */
function plain(rules: readonly Directive[], address: string): 'a' | 'd' | 'n' {
  const parsed = ipaddr.parse(address);
  const first = rules.find(({ args: [network] }) => {
    const text = network?.meaning ?? '';
    if (text === 'all') return true;
    if (text === 'unix:') return false;
    const [base, bits] = text.includes('/') ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), undefined];
    if (base.kind() !== parsed.kind()) return false;
    return parsed.match(base, bits ?? (base.kind() === 'ipv4' ? 32 : 128));
  });
  return first === undefined ? 'n' : first.name === 'allow' ? 'a' : 'd';
}

/** The verdict of the table, looked up as in nginx/lua/tidegate/request/sources.lua. */
function looked(rules: readonly Directive[], address: string): string {
  const parsed = ipaddr.parse(address);
  const [table, digits] = parsed.kind() === 'ipv4' ? [sourcesOf(rules).ipv4, 8] : [sourcesOf(rules).ipv6, 32];
  const hex = parsed
    .toByteArray()
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
  const records = table.match(new RegExp(`.{${digits + 1}}`, 'g')) ?? [];
  return records.findLast((record) => record.slice(0, digits) <= hex)?.at(-1) ?? '';
}

const four = fc.tuple(fc.constantFrom(0, 10, 255), fc.constantFrom(0, 1, 255), fc.constantFrom(0, 1, 2), fc.nat(3));
const ipv4 = four.map((bytes) => bytes.join('.'));
const ipv6 = fc
  .tuple(fc.constantFrom('2001:db8', 'ffff', '0'), fc.nat(3), fc.constantFrom('0', '1', 'ffff'))
  .map(([start, middle, end]) => ipaddr.parse(`${start}:${middle}::${end}`).toString());
const network = fc.oneof(
  ipv4,
  ipv6,
  fc.tuple(ipv4, fc.nat(32)).map(([address, bits]) => `${address}/${bits}`),
  fc.tuple(ipv6, fc.nat(128)).map(([address, bits]) => `${address}/${bits}`),
  fc.constantFrom('all', 'unix:'),
);
const rules = fc.array(fc.tuple(fc.constantFrom('allow' as const, 'deny' as const), network), { maxLength: 12 });

test('the table for Lua gives every address the same verdict as the ordered rules of nginx', () => {
  fc.assert(
    fc.property(rules, fc.array(fc.oneof(ipv4, ipv6), { minLength: 1, maxLength: 8 }), (given, addresses) => {
      const list = given.map(([name, text]) => rule(name, text));
      for (const address of addresses) expect(looked(list, address), address).toBe(plain(list, address));
      for (const table of Object.values(sourcesOf(list))) expect(table).toMatch(/^[0-9a-f]*[adn]/);
    }),
    { numRuns: 500 },
  );
});

test('access rules also give a verdict for clients that connect over a Unix socket', () => {
  const unixOf = (...list: readonly Directive[]) => sourcesOf(list).unix;
  expect(unixOf(rule('allow', '10.0.0.0/8'))).toBe('n');
  expect(unixOf(rule('allow', '10.0.0.0/8'), rule('deny', 'all'))).toBe('d');
  expect(unixOf(rule('allow', 'unix:'), rule('deny', 'all'))).toBe('a');
});

test('a short list of access rules stays in nginx.conf, and a long list moves to live data', () => {
  const list = (count: number) => Array.from({ length: count }, (_, index) => rule('allow', `10.0.${index}.0/24`));
  const other = directive('satisfy', literal('any'));
  const short = [...list(15), rule('deny', 'all'), other];
  expect(shareAccess(short)).toEqual({ directives: short, declarations: [], tooLong: false });
  const long = shareAccess([...list(16), rule('deny', 'all'), other]);
  expect(long.directives.map(({ name }) => name)).toEqual(['satisfy', 'deny', 'access_by_lua']);
  // Adjacent networks form one range.
  expect(long.sources?.ipv4).toBe('00000000d0a000000a0a001000d');
});
