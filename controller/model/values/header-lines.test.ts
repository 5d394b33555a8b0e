import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headerPieces, headerText } from '../../types/conf-value.ts';
import { aboutObjects, requestHeaderLines, removableRequestHeaders } from './header-lines.ts';

const ABOUT = {
  ingress: { kind: 'Ingress', namespace: 'shop', name: 'web' },
  backend: { namespace: 'shop', service: 'front', port: 80 },
};

test('each line sets one header to a value; empty lines are ignored', () => {
  expect(requestHeaderLines.parse('X-A: b: c\n\n  x-d :e  \n')).toEqual({
    ok: true,
    value: [
      ['X-A', 'b: c'],
      ['x-d', 'e'],
    ],
  });
});

test('invalid lines are left out and reported, and valid lines apply', () => {
  expect(requestHeaderLines.parse('X-A: b\nX-Real-IP: 1\nX-C:')).toEqual({
    ok: true,
    value: [['X-A', 'b']],
    dropped: 'contains "X-Real-IP", which is set by the controller alone, and "X-C", which has no value',
  });
});

test.each([
  'X-Forwarded-For',
  'x_forwarded_host',
  'SSL_CLIENT_VERIFY',
  'X-Original-URI',
  'Proxy',
  'Te',
  'Proxy-Connection',
  `X-${'l'.repeat(45)}`,
])('%s is not a header that an Ingress may set', (name) => {
  expect(requestHeaderLines.parse(`${name}: a`)).toMatchObject({ ok: false });
  expect(removableRequestHeaders.parse(name)).toMatchObject({ ok: false });
});

test('variables for names of objects are replaced by the names, and variables of NGINX are left unchanged', () => {
  expect(aboutObjects('${service_name}.$namespace:$service_port $ingress_name $host', ABOUT)).toBe(
    'front.shop:80 web $host',
  );
});

test('if the name of an object is invalid, its variable is replaced by an empty string', () => {
  expect(aboutObjects('a$ingress_name', { ...ABOUT, ingress: { ...ABOUT.ingress, name: 'a$b' } })).toBe('a');
});

test('an accepted header value is still valid after any names of objects are inserted', () => {
  const pieces = fc.constantFrom(
    '$',
    '{',
    '}',
    'a',
    '$host',
    '${host}',
    '$namespace',
    '${namespace}',
    '$http_x',
    '${http_',
  );
  const names = fc.constantFrom('t', 'host', 'a-b', '8', 'x.y', 'uri');
  fc.assert(
    fc.property(fc.array(pieces, { minLength: 1, maxLength: 5 }), names, (written, namespace) => {
      const parsed = requestHeaderLines.parse(`X-A: ${written.join('')}`);
      fc.pre(parsed.ok);
      const value = parsed.ok ? (parsed.value[0]?.[1] ?? '') : '';
      const text = aboutObjects(value, { ...ABOUT, ingress: { ...ABOUT.ingress, namespace } });
      expect(headerText(text).meaning).toBe(text);
      expect(headerPieces(text)).toBeDefined();
    }),
    { numRuns: 500 },
  );
});
