/** Deltas that violate docs/live-data.md are refused as a whole, with a reason. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LiveSources } from '../../controller/types/live-sources.ts';
import { selfSigned } from './certificates.ts';
import { batch, endpoints, route } from './live.ts';
import type { Values } from './live.ts';
import { ID, startOneRoute } from './one-route.ts';
import type { OneRoute } from './one-route.ts';

let one: OneRoute;

beforeAll(async () => {
  one = await startOneRoute();
});

afterAll(() => one?.stop());

describe('a malformed delta', () => {
  const good = route('shop/web/80');
  const exchange = {
    scheme: 'http',
    method: 'GET',
    connections: 1,
    requests: 1,
    idle: 1,
    timeouts: [1, 1, 1],
    headers: [],
  } as const;
  const canary = { backend: 'shop/beta/80', balance: 'round_robin', weight: 10, total: 10 } as const;
  const cors = { methods: 'GET', headers: 'X-A', maxAge: 1 };
  const backendKey = 'b:shop/web/80';
  const routeKey = `r:${ID}`;
  const sourcesWith = (changes: Partial<LiveSources>) => ({
    ...good,
    sources: { ipv4: '00000000a', ipv6: `${'0'.repeat(32)}a`, unix: 'a' as const, ...changes },
  });
  const PART = 'a'.repeat(32);
  const sharing = (shared: readonly unknown[], value: unknown): Values => ({
    [routeKey]: { text: JSON.stringify({ ...good, shared }) },
    ...(value === undefined ? {} : { [`p:${PART}`]: { text: JSON.stringify({ value }) } }),
  });
  const snippetOf = (script: object): Values => ({ [routeKey]: { ...good, snippet: { location: script } } });

  const bodies: readonly [string, (revision: number) => string][] = [
    ['an empty body', () => ''],
    ['no begin', (n) => `end ${n + 1} ${'0'.repeat(32)}\n`],
    ['begin without a number', () => `begin x\nend 2 ${'0'.repeat(32)}\n`],
    ['no end', (n) => `begin ${n}\nset b:a/b/1 {"endpoints":[]}\n`],
    ['a truncated body', (n) => batch(n, { [backendKey]: endpoints() }).slice(0, -5)],
    ['a revision that skips one', (n) => batch(n, {}, n + 2)],
    ['a revision equal to its base', (n) => batch(n, {}, n)],
    ['a line after the end', (n) => `${batch(n, {})}set b:a/b/1 {"endpoints":[]}\n`],
    ['an unknown line', (n) => `begin ${n}\nput b:a/b/1 {}\nend ${n + 1} ${'0'.repeat(32)}\n`],
    ['a carriage return', (n) => batch(n, { [backendKey]: endpoints() }).replaceAll('\n', '\r\n')],
    ['set without a value', (n) => `begin ${n}\nset b:a/b/1\nend ${n + 1} ${'0'.repeat(32)}\n`],
  ];
  it.each(bodies)('is refused: %s', async (_name, make) => {
    expect((await one.refused(make(await one.base()), 400)).error).toBe('malformed');
  });

  const values: readonly [string, Values, string][] = [
    ['unknown prefix', { 'x:a': { text: '{}' } }, 'prefix is unknown'],
    ["a record of NGINX's own", { '!revision': { text: '{}' } }, 'prefix is unknown'],
    ['sources without a table', { [routeKey]: sourcesWith({ ipv4: '' }) }, 'records of 8 digits and a letter'],
    ['sources with a truncated record', { [routeKey]: sourcesWith({ ipv4: '00000000a1' }) }, 'records of 8 digits'],
    ['sources with another verdict', { [routeKey]: sourcesWith({ ipv6: `${'0'.repeat(32)}x` }) }, 'of 32 digits'],
    ['sources that start at another address', { [routeKey]: sourcesWith({ ipv4: '00000001a' }) }, 'for address 0'],
    ['sources out of order', { [routeKey]: sourcesWith({ ipv4: '00000000a00000000d' }) }, 'expected records in order'],
    [
      'sources with an invalid verdict for sockets',
      { [routeKey]: sourcesWith({ unix: 'x' as 'a' }) },
      'expected unix to be',
    ],
    ['invalid hash in the key of a part', { 'p:00': { text: '{"value":[]}' } }, `p:${'0'.repeat(32)}`],
    ['part without a value', { [`p:${PART}`]: { text: '{"values":[]}' } }, 'field "value" is missing'],
    ['part that is a number', { [`p:${PART}`]: { text: '{"value":1}' } }, 'expected the value to be'],
    ['part that is missing', sharing([[PART, 'removedHeaders']], undefined), `the part p:${PART} is missing`],
    ['part that is removed', { ...sharing([[PART, 'removedHeaders']], undefined), [`p:${PART}`]: null }, 'is missing'],
    ['part of another shape', sharing([[PART, 'removedHeaders']], 'X-A'), 'field "removedHeaders"'],
    ['part of an unknown field', sharing([[PART, 'remove']], ['X-A']), 'field "remove" is unknown'],
    ['part for a field that exists', sharing([[PART, 'path']], 'X-A'), 'has no place'],
    ['part below a missing field', sharing([[PART, 'cors', 'origins']], ['null']), 'has no place'],
    ['part below a text', sharing([[PART, 'path', 'origins']], ['null']), 'has no place'],
    ['part without a field', sharing([[PART]], ['X-A']), 'expected a list of 2 to 4 members'],
    ['part without a hash', sharing([['r:1', 'removedHeaders']], ['X-A']), '32 hexadecimal digits'],
    ['part for a fractional index', sharing([[PART, 'canaries', 0.5, 'cookie']], 'a'), 'expected a whole number'],
    ['no parts', sharing([], undefined), 'expected a list of 1 to 1000 members'],
    ['route id', { 'r:00': good }, 'r:0123456789abcdef'],
    ['route id in capitals', { 'r:00000000000000AA': good }, 'r:0123456789abcdef'],
    ['backend key', { 'b:web': endpoints() }, 'b:shop/web/80'],
    ['certificate key', { 'c:a/b/c': selfSigned('a') }, 'c:shop/web-tls'],
    ['name in capitals', { 'n:A.example.com': 'shop/tls' }, 'n:*.example.com'],
    ['removal of an invalid key', { 'b:web': null }, 'b:shop/web/80'],
    ['settings key', { 'g:other': { text: '{}' } }, 'g:settings'],
    ['truncated JSON', { [backendKey]: { text: '{"endpoints":' } }, 'not JSON'],
    ['two JSON texts', { [backendKey]: { text: '{"endpoints":[]} {}' } }, 'not JSON'],
    ['wrong kind', { [backendKey]: { text: '[]' } }, 'field "endpoints" is missing'],
    ['string for an object', { [backendKey]: 'endpoints' }, 'expected an object'],
    ['null', { [backendKey]: { text: 'null' } }, 'expected an object'],
    ['unknown field', { [backendKey]: { text: '{"endpoints":[],"x":1}' } }, 'field "x" is unknown'],
    ['host name', { [backendKey]: { endpoints: [['localhost', 80, 1]] } }, 'expected an IP address'],
    ['unix socket', { [backendKey]: { endpoints: [['unix:/run/x', 80, 1]] } }, 'expected an IP address'],
    ['brackets', { [backendKey]: { endpoints: [['[::1]', 80, 1]] } }, 'expected an IP address'],
    ['short IPv4', { [backendKey]: { endpoints: [['127.1', 80, 1]] } }, 'expected an IP address'],
    ['IP with a port', { [backendKey]: { endpoints: [['127.0.0.1:81', 80, 1]] } }, 'expected an IP address'],
    ['IP with a NUL', { [backendKey]: { endpoints: [['127.0.0.1\0', 80, 1]] } }, 'expected an IP address'],
    ['port 0', { [backendKey]: { endpoints: [['127.0.0.1', 0, 1]] } }, '1 to 65535'],
    ['port 65536', { [backendKey]: { endpoints: [['127.0.0.1', 65536, 1]] } }, '1 to 65535'],
    ['weight 0', { [backendKey]: { endpoints: [['127.0.0.1', 80, 0]] } }, 'for example 1'],
    ['half a weight', { [backendKey]: { endpoints: [['127.0.0.1', 80, 1.5]] } }, 'for example 1'],
    ['NaN', { [backendKey]: { text: '{"endpoints":[["127.0.0.1",NaN,1]]}' } }, 'not JSON'],
    ['short endpoint', { [backendKey]: { text: '{"endpoints":[["127.0.0.1",80]]}' } }, '3 members'],
    ['missing field', { [routeKey]: { text: JSON.stringify({ ...good, tries: undefined }) } }, '"tries" is missing'],
    ['unknown route field', { [routeKey]: { text: JSON.stringify({ ...good, auth: true }) } }, '"auth" is unknown'],
    ['tries', { [routeKey]: { ...good, tries: 0 } }, 'field "tries"'],
    ['deny', { [routeKey]: { ...good, deny: 200 } }, 'field "deny"'],
    ['redirect', { [routeKey]: { text: JSON.stringify({ ...good, tlsRedirect: 'yes' }) } }, 'field "tlsRedirect"'],
    ['backend of a route', { [routeKey]: { ...good, backend: 'web' } }, 'namespace/service/port'],
    ['app root with a line feed', { [routeKey]: { ...good, appRoot: '/a\nX: y' } }, 'field "appRoot"'],
    ['relative app root', { [routeKey]: { ...good, appRoot: 'a' } }, 'field "appRoot"'],
    ['slash to another host', { [routeKey]: { ...good, slashRedirect: '//evil.example' } }, 'field "slashRedirect"'],
    ['two timeouts', { [routeKey]: { text: JSON.stringify({ ...good, timeouts: [1, 2] }) } }, 'field "timeouts"'],
    ['timeout 0', { [routeKey]: { ...good, timeouts: [1, 0, 1] } }, 'field "timeouts"'],
    ['mirror without a host', { [routeKey]: { ...good, mirror: { host: '', uri: ['/'] } } }, 'field "mirror"'],
    [
      'mirror to a variable',
      { [routeKey]: { ...good, mirror: { host: 'a', uri: ['$http_cookie'] } } },
      'one of the variables',
    ],
    ['mirror with a line feed', { [routeKey]: { ...good, mirror: { host: 'a', uri: ['/\n'] } } }, 'field "mirror"'],
    [
      'subrequests to a variable',
      { [routeKey]: { ...good, authRequest: { host: 'a', uri: ['$http_cookie'] } } },
      'one of the variables',
    ],
    [
      'subrequests without a path',
      { [routeKey]: { ...good, authRequest: { host: 'a', uri: ['a'] } } },
      'expected a path',
    ],
    [
      'cached answers without a key',
      {
        [routeKey]: {
          ...good,
          authRequest: { host: 'a', uri: ['/'], cache: { key: [], users: [], seconds: [[200, 1]], keep: ['X'] } },
        },
      },
      'field "authRequest"',
    ],
    [
      'answers cached for a negative time',
      {
        [routeKey]: {
          ...good,
          authRequest: {
            host: 'a',
            uri: ['/'],
            cache: { key: ['$a'], users: ['$a'], seconds: [[200, -1]], keep: ['X'] },
          },
        },
      },
      'expected seconds',
    ],
    [
      'subrequests of Lua with a line feed in the name of a header',
      {
        [routeKey]: {
          ...good,
          authRequest: { host: 'a', uri: ['/'], exchange: { ...exchange, headers: [['X\n', ['a']]] } },
        },
      },
      'the name of a header',
    ],
    [
      'subrequests of Lua with two methods',
      { [routeKey]: { ...good, authRequest: { host: 'a', uri: ['/'], exchange: { ...exchange, method: 'GET /' } } } },
      'expected a method',
    ],
    ['guard without cookies', { [routeKey]: { text: JSON.stringify({ ...good, externalAuth: {} }) } }, '"cookies"'],
    [
      'guard with an invalid backend',
      { [routeKey]: { ...good, externalAuth: { cookies: 'some', backend: 'auth' } } },
      'namespace/service/port',
    ],
    [
      'sign-in with a line feed',
      { [routeKey]: { ...good, externalAuth: { cookies: 'all', signIn: ['https://a/\n'] } } },
      'field "externalAuth"',
    ],
    ['no canaries', { [routeKey]: { ...good, canaries: [] } }, 'field "canaries"'],
    ['canary without a backend', { [routeKey]: { ...good, canaries: [{ ...canary, backend: 'beta' }] } }, 'member 1'],
    ['canary weight', { [routeKey]: { ...good, canaries: [canary, { ...canary, weight: 11 }] } }, 'member 2: expected'],
    ['canary total', { [routeKey]: { ...good, canaries: [{ ...canary, total: 0 }] } }, 'expected a whole number'],
    [
      'canary legacy',
      { [routeKey]: { text: JSON.stringify({ ...good, canaries: [{ ...canary, legacy: false }] }) } },
      '"legacy"',
    ],
    [
      'canary header',
      { [routeKey]: { ...good, canaries: [{ ...canary, header: { name: 'a b' } }] } },
      'field "header"',
    ],
    ['canary cookie', { [routeKey]: { ...good, canaries: [{ ...canary, cookie: '' }] } }, 'expected a name'],
    [
      'canary with a value and a pattern',
      { [routeKey]: { ...good, canaries: [{ ...canary, header: { name: 'a', value: 'b', pattern: 'c' } }] } },
      'either a value or a pattern',
    ],
    ['pattern', { [routeKey]: { ...good, rewrite: { pattern: '(', target: [] } } }, 'field "pattern"'],
    ['capture 0', { [routeKey]: { ...good, rewrite: { pattern: 'a', target: [0] } } }, 'field "target"'],
    [
      'an invalid prefix',
      { [routeKey]: { ...good, rewrite: { pattern: 'a', target: [], forwardedPrefix: ['/\n'] } } },
      'field "forwardedPrefix"',
    ],
    ['an invalid host', { [routeKey]: { ...good, upstreamHost: 'a\r\nb' } }, 'field "upstreamHost"'],
    ['a variable in a host', { [routeKey]: { ...good, upstreamHost: '$request_uri' } }, 'field "upstreamHost"'],
    ['an invalid fallback', { [routeKey]: { ...good, fallback: 'pages' } }, 'field "fallback"'],
    ['errors without a fallback', { [routeKey]: { ...good, errorsToFallback: true } }, 'field "errorsToFallback"'],
    [
      'an invalid default backend',
      { 'g:settings': { httpsPort: 443, redirectCode: 308, forwarded: false, defaultBackend: 'pages' } },
      'field "defaultBackend"',
    ],
    [
      'blocked headers without texts',
      {
        'g:settings': {
          text: JSON.stringify({
            httpsPort: 443,
            redirectCode: 308,
            forwarded: false,
            blockedAgents: { patterns: [] },
          }),
        },
      },
      'field "blockedAgents"',
    ],
    [
      'a blocked header of two lines',
      {
        'g:settings': {
          httpsPort: 443,
          redirectCode: 308,
          forwarded: false,
          blockedReferers: { texts: ['a\nb'], patterns: [] },
        },
      },
      'field "blockedReferers"',
    ],
    ['a header without a value', { [routeKey]: { ...good, responseHeaders: [['X-A', '']] } }, 'header X-A'],
    ['a header of two lines', { [routeKey]: { ...good, responseHeaders: [['X-A', 'a\r\nb: c']] } }, 'header X-A'],
    [
      'an invalid name',
      {
        [routeKey]: {
          ...good,
          responseHeaders: [
            ['X-A', 'a'],
            ['a b', 'c'],
          ],
        },
      },
      'header a b',
    ],
    ['a header without a piece', { [routeKey]: { ...good, responseHeaders: [['X-A', []]] } }, 'header X-A'],
    ['a header with an empty piece', { [routeKey]: { ...good, responseHeaders: [['X-A', ['a', '']]] } }, 'header X-A'],
    ['an invalid variable', { [routeKey]: { ...good, responseHeaders: [['X-A', ['$a-b']]] } }, '$request_method'],
    [
      'a header of the settings without a name',
      { 'g:settings': { httpsPort: 443, redirectCode: 308, forwarded: false, responseHeaders: [['', 'a']] } },
      'field "responseHeaders"',
    ],
    [
      'an added header of two lines',
      { [routeKey]: { ...good, addedHeaders: [['X-A', '\n']] } },
      'field "addedHeaders"',
    ],
    ['an invalid removed header', { [routeKey]: { ...good, removedHeaders: ['X A'] } }, 'field "removedHeaders"'],
    ['a script with an unknown field', snippetOf({ rules: [] }), 'field "snippet"'],
    [
      'an address test without addresses',
      snippetOf({ last: [{ if: { of: ['$a'], is: 'refused' } }] }),
      'field "snippet"',
    ],
    ['a step without a kind', snippetOf({ steps: [{}] }), 'field "snippet"'],
    ['a step with two kinds', snippetOf({ steps: [{ set: 'a', to: [], return: 200 }] }), 'field "snippet"'],
    [
      'a text with one of our variables',
      snippetOf({ steps: [{ return: 200, text: ['$Tidegate'] }] }),
      'field "snippet"',
    ],
    ['a body with a control character', snippetOf({ steps: [{ return: 200, text: ['a\u0001'] }] }), 'field "snippet"'],
    ['a redirect of two lines', snippetOf({ steps: [{ return: 301, text: ['/a\nb'] }] }), 'field "snippet"'],
    ['a text of two lines', snippetOf({ steps: [{ set: 'a', to: ['a\nb'] }] }), 'field "snippet"'],
    ['a type of two lines', snippetOf({ steps: [{ return: 200, text: [], type: 'a\nb' }] }), 'field "snippet"'],
    ['an invalid date', snippetOf({ headers: [{ op: 'set', name: 'A', after: 'soon' }] }), 'field "snippet"'],
    ['invalid last steps', snippetOf({ last: [{}] }), 'field "snippet"'],
    ['a redirect without a target', snippetOf({ steps: [{ return: 301 }] }), 'field "snippet"'],
    ['a test without a pattern', snippetOf({ steps: [{ if: { of: ['$uri'], is: 'match' } }] }), 'field "snippet"'],
    ['an invalid header', snippetOf({ headers: [{ op: 'set', name: 'X A' }] }), 'field "snippet"'],
    [
      'a header with an empty list of statuses',
      snippetOf({ headers: [{ op: 'set', name: 'A', statuses: [] }] }),
      'field "snippet"',
    ],
    [
      'five subjects of a certificate',
      { [routeKey]: { ...good, clientCertificate: { subjects: ['a', 'b', 'c', 'd', 'e'] } } },
      'field "clientCertificate"',
    ],
    [
      'a subject of two lines',
      { [routeKey]: { ...good, clientCertificate: { subjects: ['CN=\n'] } } },
      'field "clientCertificate"',
    ],
    [
      'an invalid value for plain HTTP',
      { [routeKey]: { text: JSON.stringify({ ...good, clientCertificate: { plain: 'no' } }) } },
      'field "clientCertificate"',
    ],
    ['an empty list of origins', { [routeKey]: { ...good, cors: { ...cors, origins: [] } } }, 'field "cors"'],
    [
      'an origin without a scheme',
      { [routeKey]: { ...good, cors: { ...cors, origins: ['a.test'] } } },
      'an origin in lower',
    ],
    [
      'an origin in capitals',
      { [routeKey]: { ...good, cors: { ...cors, origins: ['http://A'] } } },
      'an origin in lower',
    ],
    ['methods of two lines', { [routeKey]: { ...good, cors: { ...cors, methods: 'GET\n' } } }, 'field "cors"'],
    ['an age of minus two', { [routeKey]: { ...good, cors: { ...cors, maxAge: -2 } } }, 'for example 1728000'],
    ['connection', { [routeKey]: { text: JSON.stringify({ ...good, connection: 'upgrade' }) } }, 'field "connection"'],
    ['capture 10', { [routeKey]: { ...good, rewrite: { pattern: 'a', target: [10] } } }, 'field "target"'],
    [
      'rewrite to a host of a capture',
      { [routeKey]: { ...good, rewrite: { pattern: 'a', target: ['https://', 1, '/'] } } },
      'expected a host after the scheme',
    ],
    [
      'rewrite to a URL with a quote',
      { [routeKey]: { ...good, rewrite: { pattern: 'a', target: ['https://b/"'] } } },
      'without spaces, quotes',
    ],
    [
      'redirect with a variable for the host',
      { [routeKey]: { ...good, redirect: { to: 'https://$http_host', rest: ['/'], code: 301 } } },
      'expected a scheme and a host',
    ],
    [
      'redirect with an unknown variable',
      { [routeKey]: { ...good, redirect: { to: 'https://b', rest: ['$remote_user'], code: 301 } } },
      'one of the variables',
    ],
    [
      'redirect to an invalid target',
      { [routeKey]: { ...good, redirect: { to: 'shop', code: 301 } } },
      'field "redirect"',
    ],
    ['redirect to a script', { [routeKey]: { ...good, redirect: { to: 'javascript:1', code: 301 } } }, 'http or https'],
    ['redirect with a line feed', { [routeKey]: { ...good, redirect: { to: 'http://a/\nX: y', code: 301 } } }, 'a URL'],
    [
      'redirect with 200',
      { [routeKey]: { text: JSON.stringify({ ...good, redirect: { to: '/a', code: 200 } }) } },
      'expected code 301',
    ],
    [
      'redirect port',
      { [routeKey]: { text: JSON.stringify({ ...good, redirectPort: 'some' }) } },
      'field "redirectPort"',
    ],
    ['kept slash', { [routeKey]: { text: JSON.stringify({ ...good, keepSlash: false }) } }, 'field "keepSlash"'],
    ['redirect to a host with a path', { [routeKey]: { ...good, hostRedirect: 'a/b' } }, 'field "hostRedirect"'],
    ['redirect code', { 'g:settings': { httpsPort: 443, redirectCode: 200, forwarded: false } }, 'redirectCode'],
    ['certificate', { 'c:shop/tls': { chain: 'x', key: selfSigned('a').key } }, 'field "chain"'],
    ['private key', { 'c:shop/tls': { chain: selfSigned('a').chain, key: 'x' } }, 'field "key"'],
    ['certificate of a name', { 'n:a.example.com': 'a b' }, 'for example "shop/web-tls"'],
  ];
  it.each(values)('is refused: %s', async (_name, wrong, message) => {
    // The valid entry of the delta must not take effect either.
    const refusal = await one.refused(batch(await one.base(), { 'b:shop/beside/80': endpoints(1), ...wrong }), 400);
    expect(refusal.error).toBe('malformed');
    expect(refusal.message).toContain(message);
    expect(refusal.message).not.toContain('PRIVATE KEY');
  });
});
