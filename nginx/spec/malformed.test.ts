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
    ['no begin line', (n) => `end ${n + 1} ${'0'.repeat(32)}\n`],
    ['a begin line without a number', () => `begin x\nend 2 ${'0'.repeat(32)}\n`],
    ['no end line', (n) => `begin ${n}\nset b:a/b/1 {"endpoints":[]}\n`],
    ['a truncated end line', (n) => batch(n, { [backendKey]: endpoints() }).slice(0, -5)],
    ['a new revision that is two above its base', (n) => batch(n, {}, n + 2)],
    ['a new revision that equals its base', (n) => batch(n, {}, n)],
    ['a line after the end line', (n) => `${batch(n, {})}set b:a/b/1 {"endpoints":[]}\n`],
    ['a line with an unknown word', (n) => `begin ${n}\nput b:a/b/1 {}\nend ${n + 1} ${'0'.repeat(32)}\n`],
    ['carriage returns at the ends of lines', (n) => batch(n, { [backendKey]: endpoints() }).replaceAll('\n', '\r\n')],
    ['a set line without a value', (n) => `begin ${n}\nset b:a/b/1\nend ${n + 1} ${'0'.repeat(32)}\n`],
  ];
  it.each(bodies)('with this mistake in its lines is refused: %s', async (_name, make) => {
    expect((await one.refused(make(await one.base()), 400)).error).toBe('malformed');
  });

  const values: readonly [string, Values, string][] = [
    ['a key with an unknown prefix', { 'x:a': { text: '{}' } }, 'prefix is unknown'],
    ['a key that NGINX uses for its own records', { '!revision': { text: '{}' } }, 'prefix is unknown'],
    ['sources with an empty table', { [routeKey]: sourcesWith({ ipv4: '' }) }, 'records of 8 digits and a letter'],
    ['sources with a truncated record', { [routeKey]: sourcesWith({ ipv4: '00000000a1' }) }, 'records of 8 digits'],
    ['sources with an unknown verdict', { [routeKey]: sourcesWith({ ipv6: `${'0'.repeat(32)}x` }) }, 'of 32 digits'],
    ['sources that do not begin at address 0', { [routeKey]: sourcesWith({ ipv4: '00000001a' }) }, 'for address 0'],
    [
      'sources whose records are not in order',
      { [routeKey]: sourcesWith({ ipv4: '00000000a00000000d' }) },
      'expected records in order',
    ],
    [
      'sources with an unknown verdict for unix sockets',
      { [routeKey]: sourcesWith({ unix: 'x' as 'a' }) },
      'expected unix to be',
    ],
    ['a part with an invalid hash in its key', { 'p:00': { text: '{"value":[]}' } }, `p:${'0'.repeat(32)}`],
    ['a part without a value', { [`p:${PART}`]: { text: '{"values":[]}' } }, 'field "value" is missing'],
    ['a part whose value is a number', { [`p:${PART}`]: { text: '{"value":1}' } }, 'expected the value to be'],
    [
      'a route with a part that does not exist',
      sharing([[PART, 'removedHeaders']], undefined),
      `the part p:${PART} is missing`,
    ],
    [
      'a route with a part that the delta removes',
      { ...sharing([[PART, 'removedHeaders']], undefined), [`p:${PART}`]: null },
      'is missing',
    ],
    [
      'a route with a part whose value has the wrong type for its field',
      sharing([[PART, 'removedHeaders']], 'X-A'),
      'field "removedHeaders"',
    ],
    ['a route with a part for an unknown field', sharing([[PART, 'remove']], ['X-A']), 'field "remove" is unknown'],
    ['a route with a part for a field that the route already has', sharing([[PART, 'path']], 'X-A'), 'has no place'],
    [
      'a route with a part within a field that the route does not have',
      sharing([[PART, 'cors', 'origins']], ['null']),
      'has no place',
    ],
    [
      'a route with a part within a field that is a string',
      sharing([[PART, 'path', 'origins']], ['null']),
      'has no place',
    ],
    ['a route with a part that names no field', sharing([[PART]], ['X-A']), 'expected a list of 2 to 4 members'],
    [
      'a route with a part that is not named by a hash',
      sharing([['r:1', 'removedHeaders']], ['X-A']),
      '32 hexadecimal digits',
    ],
    [
      'a route with a part for a fractional index of a list',
      sharing([[PART, 'canaries', 0.5, 'cookie']], 'a'),
      'expected a whole number',
    ],
    ['a route with an empty list of parts', sharing([], undefined), 'expected a list of 1 to 1000 members'],
    ['a route id that is too short', { 'r:00': good }, 'r:0123456789abcdef'],
    ['a route id in capitals', { 'r:00000000000000AA': good }, 'r:0123456789abcdef'],
    ['a backend key with one name', { 'b:web': endpoints() }, 'b:shop/web/80'],
    ['a certificate key with three names', { 'c:a/b/c': selfSigned('a') }, 'c:shop/web-tls'],
    ['a server name in capitals', { 'n:A.example.com': 'shop/tls' }, 'n:*.example.com'],
    ['the removal of an invalid key', { 'b:web': null }, 'b:shop/web/80'],
    ['an unknown settings key', { 'g:other': { text: '{}' } }, 'g:settings'],
    ['a value that is truncated JSON', { [backendKey]: { text: '{"endpoints":' } }, 'not JSON'],
    ['a value of two JSON documents', { [backendKey]: { text: '{"endpoints":[]} {}' } }, 'not JSON'],
    ['a backend that is a list', { [backendKey]: { text: '[]' } }, 'field "endpoints" is missing'],
    ['a backend that is a string', { [backendKey]: 'endpoints' }, 'expected an object'],
    ['a backend that is null', { [backendKey]: { text: 'null' } }, 'expected an object'],
    ['a backend with an unknown field', { [backendKey]: { text: '{"endpoints":[],"x":1}' } }, 'field "x" is unknown'],
    ['an endpoint with a host name', { [backendKey]: { endpoints: [['localhost', 80, 1]] } }, 'expected an IP address'],
    [
      'an endpoint with a unix socket',
      { [backendKey]: { endpoints: [['unix:/run/x', 80, 1]] } },
      'expected an IP address',
    ],
    [
      'an endpoint whose IPv6 address is in brackets',
      { [backendKey]: { endpoints: [['[::1]', 80, 1]] } },
      'expected an IP address',
    ],
    [
      'an endpoint with a shortened IPv4 address',
      { [backendKey]: { endpoints: [['127.1', 80, 1]] } },
      'expected an IP address',
    ],
    [
      'an endpoint whose address contains a port',
      { [backendKey]: { endpoints: [['127.0.0.1:81', 80, 1]] } },
      'expected an IP address',
    ],
    [
      'an endpoint whose address contains a NUL byte',
      { [backendKey]: { endpoints: [['127.0.0.1\0', 80, 1]] } },
      'expected an IP address',
    ],
    ['an endpoint with port 0', { [backendKey]: { endpoints: [['127.0.0.1', 0, 1]] } }, '1 to 65535'],
    ['an endpoint with port 65536', { [backendKey]: { endpoints: [['127.0.0.1', 65536, 1]] } }, '1 to 65535'],
    ['an endpoint with weight 0', { [backendKey]: { endpoints: [['127.0.0.1', 80, 0]] } }, 'for example 1'],
    [
      'an endpoint with a fractional weight',
      { [backendKey]: { endpoints: [['127.0.0.1', 80, 1.5]] } },
      'for example 1',
    ],
    ['an endpoint with port NaN', { [backendKey]: { text: '{"endpoints":[["127.0.0.1",NaN,1]]}' } }, 'not JSON'],
    ['an endpoint without a weight', { [backendKey]: { text: '{"endpoints":[["127.0.0.1",80]]}' } }, '3 members'],
    [
      'a route without the field tries',
      { [routeKey]: { text: JSON.stringify({ ...good, tries: undefined }) } },
      '"tries" is missing',
    ],
    [
      'a route with an unknown field',
      { [routeKey]: { text: JSON.stringify({ ...good, auth: true }) } },
      '"auth" is unknown',
    ],
    ['a route with 0 tries', { [routeKey]: { ...good, tries: 0 } }, 'field "tries"'],
    ['a route that denies with status 200', { [routeKey]: { ...good, deny: 200 } }, 'field "deny"'],
    [
      'an unknown word in tlsRedirect',
      { [routeKey]: { text: JSON.stringify({ ...good, tlsRedirect: 'yes' }) } },
      'field "tlsRedirect"',
    ],
    ['a route with an invalid backend name', { [routeKey]: { ...good, backend: 'web' } }, 'namespace/service/port'],
    ['an appRoot with a line feed', { [routeKey]: { ...good, appRoot: '/a\nX: y' } }, 'field "appRoot"'],
    ['an appRoot that is a relative path', { [routeKey]: { ...good, appRoot: 'a' } }, 'field "appRoot"'],
    [
      'a slashRedirect to another host',
      { [routeKey]: { ...good, slashRedirect: '//evil.example' } },
      'field "slashRedirect"',
    ],
    [
      'a route with two timeouts instead of three',
      { [routeKey]: { text: JSON.stringify({ ...good, timeouts: [1, 2] }) } },
      'field "timeouts"',
    ],
    ['a route with a timeout of 0', { [routeKey]: { ...good, timeouts: [1, 0, 1] } }, 'field "timeouts"'],
    ['a mirror without a host', { [routeKey]: { ...good, mirror: { host: '', uri: ['/'] } } }, 'field "mirror"'],
    [
      'a mirror whose URI contains a variable that is not allowed',
      { [routeKey]: { ...good, mirror: { host: 'a', uri: ['$http_cookie'] } } },
      'one of the variables',
    ],
    [
      'a mirror whose URI contains a line feed',
      { [routeKey]: { ...good, mirror: { host: 'a', uri: ['/\n'] } } },
      'field "mirror"',
    ],
    [
      'an authRequest whose URI contains a variable that is not allowed',
      { [routeKey]: { ...good, authRequest: { host: 'a', uri: ['$http_cookie'] } } },
      'one of the variables',
    ],
    [
      'an authRequest whose URI is not a path',
      { [routeKey]: { ...good, authRequest: { host: 'a', uri: ['a'] } } },
      'expected a path',
    ],
    [
      'an authRequest whose cache has an empty key',
      {
        [routeKey]: {
          ...good,
          authRequest: { host: 'a', uri: ['/'], cache: { key: [], users: [], seconds: [[200, 1]], keep: ['X'] } },
        },
      },
      'field "authRequest"',
    ],
    [
      'an authRequest whose cache has a negative time',
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
      'an authRequest sent by Lua with a line feed in the name of a header',
      {
        [routeKey]: {
          ...good,
          authRequest: { host: 'a', uri: ['/'], exchange: { ...exchange, headers: [['X\n', ['a']]] } },
        },
      },
      'the name of a header',
    ],
    [
      'an authRequest sent by Lua with a space in its method',
      { [routeKey]: { ...good, authRequest: { host: 'a', uri: ['/'], exchange: { ...exchange, method: 'GET /' } } } },
      'expected a method',
    ],
    [
      'an externalAuth without the field cookies',
      { [routeKey]: { text: JSON.stringify({ ...good, externalAuth: {} }) } },
      '"cookies"',
    ],
    [
      'an externalAuth with an invalid backend name',
      { [routeKey]: { ...good, externalAuth: { cookies: 'some', backend: 'auth' } } },
      'namespace/service/port',
    ],
    [
      'an externalAuth whose sign-in URL contains a line feed',
      { [routeKey]: { ...good, externalAuth: { cookies: 'all', signIn: ['https://a/\n'] } } },
      'field "externalAuth"',
    ],
    ['a route with an empty list of canaries', { [routeKey]: { ...good, canaries: [] } }, 'field "canaries"'],
    [
      'a canary with an invalid backend name',
      { [routeKey]: { ...good, canaries: [{ ...canary, backend: 'beta' }] } },
      'member 1',
    ],
    [
      'a canary whose weight is above its total',
      { [routeKey]: { ...good, canaries: [canary, { ...canary, weight: 11 }] } },
      'member 2: expected',
    ],
    [
      'a canary with a total of 0',
      { [routeKey]: { ...good, canaries: [{ ...canary, total: 0 }] } },
      'expected a whole number',
    ],
    [
      'a canary whose field legacy is false',
      { [routeKey]: { text: JSON.stringify({ ...good, canaries: [{ ...canary, legacy: false }] }) } },
      '"legacy"',
    ],
    [
      'a canary with an invalid header name',
      { [routeKey]: { ...good, canaries: [{ ...canary, header: { name: 'a b' } }] } },
      'field "header"',
    ],
    [
      'a canary with an empty cookie name',
      { [routeKey]: { ...good, canaries: [{ ...canary, cookie: '' }] } },
      'expected a name',
    ],
    [
      'a canary with both a header value and a pattern',
      { [routeKey]: { ...good, canaries: [{ ...canary, header: { name: 'a', value: 'b', pattern: 'c' } }] } },
      'either a value or a pattern',
    ],
    [
      'a rewrite with an invalid pattern',
      { [routeKey]: { ...good, rewrite: { pattern: '(', target: [] } } },
      'field "pattern"',
    ],
    ['a rewrite with capture 0', { [routeKey]: { ...good, rewrite: { pattern: 'a', target: [0] } } }, 'field "target"'],
    [
      'a rewrite whose forwardedPrefix contains a line feed',
      { [routeKey]: { ...good, rewrite: { pattern: 'a', target: [], forwardedPrefix: ['/\n'] } } },
      'field "forwardedPrefix"',
    ],
    ['an upstreamHost with a line break', { [routeKey]: { ...good, upstreamHost: 'a\r\nb' } }, 'field "upstreamHost"'],
    [
      'an upstreamHost with a variable that is not allowed',
      { [routeKey]: { ...good, upstreamHost: '$request_uri' } },
      'field "upstreamHost"',
    ],
    ['a fallback with an invalid backend name', { [routeKey]: { ...good, fallback: 'pages' } }, 'field "fallback"'],
    [
      'an errorsToFallback without a fallback',
      { [routeKey]: { ...good, errorsToFallback: true } },
      'field "errorsToFallback"',
    ],
    [
      'settings whose defaultBackend is not a valid backend name',
      { 'g:settings': { httpsPort: 443, redirectCode: 308, forwarded: false, defaultBackend: 'pages' } },
      'field "defaultBackend"',
    ],
    [
      'settings whose blockedAgents have no field texts',
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
      'settings whose blockedReferers contain a line feed',
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
    [
      'a response header with an empty value',
      { [routeKey]: { ...good, responseHeaders: [['X-A', '']] } },
      'header X-A',
    ],
    [
      'a response header with a line break in its value',
      { [routeKey]: { ...good, responseHeaders: [['X-A', 'a\r\nb: c']] } },
      'header X-A',
    ],
    [
      'a response header with a space in its name',
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
    [
      'a response header with an empty list of pieces',
      { [routeKey]: { ...good, responseHeaders: [['X-A', []]] } },
      'header X-A',
    ],
    [
      'a response header with an empty piece',
      { [routeKey]: { ...good, responseHeaders: [['X-A', ['a', '']]] } },
      'header X-A',
    ],
    [
      'a response header with an invalid variable name',
      { [routeKey]: { ...good, responseHeaders: [['X-A', ['$a-b']]] } },
      '$request_method',
    ],
    [
      'settings with a response header without a name',
      { 'g:settings': { httpsPort: 443, redirectCode: 308, forwarded: false, responseHeaders: [['', 'a']] } },
      'field "responseHeaders"',
    ],
    [
      'an added response header with a line feed in its value',
      { [routeKey]: { ...good, addedHeaders: [['X-A', '\n']] } },
      'field "addedHeaders"',
    ],
    [
      'a removed response header with a space in its name',
      { [routeKey]: { ...good, removedHeaders: ['X A'] } },
      'field "removedHeaders"',
    ],
    ['a snippet with an unknown field', snippetOf({ rules: [] }), 'field "snippet"'],
    [
      'a snippet that tests addresses without a list of addresses',
      snippetOf({ last: [{ if: { of: ['$a'], is: 'refused' } }] }),
      'field "snippet"',
    ],
    ['a snippet with an empty step', snippetOf({ steps: [{}] }), 'field "snippet"'],
    [
      'a snippet with a step that is two steps in one',
      snippetOf({ steps: [{ set: 'a', to: [], return: 200 }] }),
      'field "snippet"',
    ],
    [
      'a snippet whose string contains a variable that is reserved for Tidegate',
      snippetOf({ steps: [{ return: 200, text: ['$Tidegate'] }] }),
      'field "snippet"',
    ],
    [
      'a snippet whose response body contains a control character',
      snippetOf({ steps: [{ return: 200, text: ['a\u0001'] }] }),
      'field "snippet"',
    ],
    [
      'a snippet that redirects to a string with a line feed',
      snippetOf({ steps: [{ return: 301, text: ['/a\nb'] }] }),
      'field "snippet"',
    ],
    [
      'a snippet that sets a variable to a string with a line feed',
      snippetOf({ steps: [{ set: 'a', to: ['a\nb'] }] }),
      'field "snippet"',
    ],
    [
      'a snippet whose response type contains a line feed',
      snippetOf({ steps: [{ return: 200, text: [], type: 'a\nb' }] }),
      'field "snippet"',
    ],
    [
      'a snippet that sets a header to an invalid date',
      snippetOf({ headers: [{ op: 'set', name: 'A', after: 'soon' }] }),
      'field "snippet"',
    ],
    ['a snippet with an empty last step', snippetOf({ last: [{}] }), 'field "snippet"'],
    ['a snippet that redirects without a target', snippetOf({ steps: [{ return: 301 }] }), 'field "snippet"'],
    [
      'a snippet with a match that has no pattern',
      snippetOf({ steps: [{ if: { of: ['$uri'], is: 'match' } }] }),
      'field "snippet"',
    ],
    [
      'a snippet that sets a header with a space in its name',
      snippetOf({ headers: [{ op: 'set', name: 'X A' }] }),
      'field "snippet"',
    ],
    [
      'a snippet that sets a header for an empty list of statuses',
      snippetOf({ headers: [{ op: 'set', name: 'A', statuses: [] }] }),
      'field "snippet"',
    ],
    [
      'a clientCertificate with five subjects',
      { [routeKey]: { ...good, clientCertificate: { subjects: ['a', 'b', 'c', 'd', 'e'] } } },
      'field "clientCertificate"',
    ],
    [
      'a clientCertificate whose subject contains a line feed',
      { [routeKey]: { ...good, clientCertificate: { subjects: ['CN=\n'] } } },
      'field "clientCertificate"',
    ],
    [
      'a clientCertificate with an invalid value for plain HTTP',
      { [routeKey]: { text: JSON.stringify({ ...good, clientCertificate: { plain: 'no' } }) } },
      'field "clientCertificate"',
    ],
    [
      'a cors with an empty list of origins',
      { [routeKey]: { ...good, cors: { ...cors, origins: [] } } },
      'field "cors"',
    ],
    [
      'a cors with an origin without a scheme',
      { [routeKey]: { ...good, cors: { ...cors, origins: ['a.test'] } } },
      'an origin in lower',
    ],
    [
      'a cors with an origin in capitals',
      { [routeKey]: { ...good, cors: { ...cors, origins: ['http://A'] } } },
      'an origin in lower',
    ],
    [
      'a cors whose methods contain a line feed',
      { [routeKey]: { ...good, cors: { ...cors, methods: 'GET\n' } } },
      'field "cors"',
    ],
    ['a cors with a maxAge of -2', { [routeKey]: { ...good, cors: { ...cors, maxAge: -2 } } }, 'for example 1728000'],
    [
      'a connection header that is not allowed',
      { [routeKey]: { text: JSON.stringify({ ...good, connection: 'upgrade' }) } },
      'field "connection"',
    ],
    [
      'a rewrite with capture 10',
      { [routeKey]: { ...good, rewrite: { pattern: 'a', target: [10] } } },
      'field "target"',
    ],
    [
      'a rewrite whose host is a capture',
      { [routeKey]: { ...good, rewrite: { pattern: 'a', target: ['https://', 1, '/'] } } },
      'expected a host after the scheme',
    ],
    [
      'a rewrite to a URL with a quotation mark',
      { [routeKey]: { ...good, rewrite: { pattern: 'a', target: ['https://b/"'] } } },
      'without spaces, quotes',
    ],
    [
      'a redirect whose host is a variable that is not allowed',
      { [routeKey]: { ...good, redirect: { to: 'https://$http_host', rest: ['/'], code: 301 } } },
      'expected a scheme and a host',
    ],
    [
      'a redirect with a variable that is not allowed',
      { [routeKey]: { ...good, redirect: { to: 'https://b', rest: ['$remote_user'], code: 301 } } },
      'one of the variables',
    ],
    [
      'a redirect to a string that is neither a path nor a URL',
      { [routeKey]: { ...good, redirect: { to: 'shop', code: 301 } } },
      'field "redirect"',
    ],
    [
      'a redirect to a javascript URL',
      { [routeKey]: { ...good, redirect: { to: 'javascript:1', code: 301 } } },
      'http or https',
    ],
    [
      'a redirect to a URL with a line feed',
      { [routeKey]: { ...good, redirect: { to: 'http://a/\nX: y', code: 301 } } },
      'a URL',
    ],
    [
      'a redirect with status 200',
      { [routeKey]: { text: JSON.stringify({ ...good, redirect: { to: '/a', code: 200 } }) } },
      'expected code 301',
    ],
    [
      'an unknown word in redirectPort',
      { [routeKey]: { text: JSON.stringify({ ...good, redirectPort: 'some' }) } },
      'field "redirectPort"',
    ],
    [
      'a route whose field keepSlash is false',
      { [routeKey]: { text: JSON.stringify({ ...good, keepSlash: false }) } },
      'field "keepSlash"',
    ],
    ['a hostRedirect with a path', { [routeKey]: { ...good, hostRedirect: 'a/b' } }, 'field "hostRedirect"'],
    [
      'settings with a redirectCode of 200',
      { 'g:settings': { httpsPort: 443, redirectCode: 200, forwarded: false } },
      'redirectCode',
    ],
    [
      'a certificate whose chain is not PEM',
      { 'c:shop/tls': { chain: 'x', key: selfSigned('a').key } },
      'field "chain"',
    ],
    [
      'a certificate whose private key is not PEM',
      { 'c:shop/tls': { chain: selfSigned('a').chain, key: 'x' } },
      'field "key"',
    ],
    ['a server name with an invalid certificate name', { 'n:a.example.com': 'a b' }, 'for example "shop/web-tls"'],
  ];
  it.each(values)('with this mistake in a key or value is refused: %s', async (_name, wrong, message) => {
    // The delta also has a valid entry, which must not take effect either.
    const refusal = await one.refused(batch(await one.base(), { 'b:shop/beside/80': endpoints(1), ...wrong }), 400);
    expect(refusal.error).toBe('malformed');
    expect(refusal.message).toContain(message);
    expect(refusal.message).not.toContain('PRIVATE KEY');
  });
});
