import { annotations } from '../annotation.ts';
import { contributeExternalAuth } from '../external-auth/contribute.ts';
import { authCacheKey, cacheTimes } from '../../values/auth-cache.ts';
import { authMethod } from '../../values/auth-methods.ts';
import { authUrl, parameterName, redirectText, signInUrl } from '../../values/auth-url.ts';
import { allRequestHeaderNames } from '../../values/header-names.ts';
import { ownName } from '../../values/names.ts';
import { bool, wholeNumber } from '../../values/scalars.ts';
import { snippet } from '../../values/snippet.ts';

const guard = { onInvalid: 'denied', scope: 'location' } as const;
const detail = { onInvalid: 'ignored', scope: 'location' } as const;

export default annotations({
  group: 'External authentication',
  keys: {
    'auth-url': {
      ...guard,
      parser: authUrl,
      risk: 'high',
      live: false,
      about:
        'Before a request goes to the backend, it is put to this service: with the headers of the request and without its ' +
        'body. Answered 2xx, it goes on; 401 and 403 are passed to the client, 401 with its WWW-Authenticate; every other ' +
        'answer, one with more than 1 MiB of body, one that does not come in time and none at all is 500. Redirects are ' +
        'not followed. A name like `auth.security.svc.cluster.local` leads to the endpoints of that Service, any other is ' +
        'looked up by the controller; `$host` in its place is the host of the rule, which has to be one name. While it has ' +
        'no address the paths answer 503. `$request_uri`, `$escaped_request_uri`, `$args`, `$is_args`, `$host`, ' +
        '`$http_host`, `$scheme`, `$request_method` and `$remote_addr` may stand in the path. The service also gets ' +
        'X-Original-URL, X-Original-Method, X-Auth-Request-Redirect, X-Sent-From, X-Real-IP, X-Forwarded-For and ' +
        'X-Request-ID; other headers of proxies that the client made up do not get there. The certificate of an https ' +
        "service is not verified. Sizes of buffers, times and the version of HTTP are those of the Ingress's `proxy-*` " +
        'annotations. Redirects of this controller, and the 503 of a Service without endpoints, come before the question, ' +
        'and paths that begin with one of `no-auth-locations` are not asked about.',
      good: [
        'http://auth.security.svc.cluster.local:4180/oauth2/auth',
        'https://$host/oauth2/auth',
        'https://auth.example.com/verify?path=$escaped_request_uri',
      ],
      bad: [
        'auth.example.com',
        'http://auth..example.com/',
        'unix:/run/api/live.sock',
        'http://unix:/run/api/live.sock',
        'http://127.0.0.1/',
        'http://localhost/',
        'http://auth.example.com/$http_cookie',
        'http://$http_host/',
        'http://auth.example.com/#;',
        'http://auth.example.com/";',
        'ftp://auth.example.com/',
      ],
    },
    'auth-method': {
      ...guard,
      parser: authMethod,
      risk: 'low',
      live: false,
      about:
        'Method of the question; with it the service also gets X-Original-URI and X-Scheme. GET where it is absent.',
      good: ['POST', 'HEAD'],
      bad: ['post', 'FETCH', 'GET x'],
    },
    'auth-signin': {
      ...detail,
      parser: signInUrl,
      risk: 'high',
      live: true,
      about:
        'Instead of a 401 that NGINX gives, the one of `auth-type` too, the client is sent here with 302, with the URL that ' +
        'it asked for as the parameter `auth-signin-redirect-param`, unless the URL has a value for that. A URL or a path, ' +
        'with the variables of `auth-url`. A 401 of the backend passes, unless errors are intercepted ' +
        '(`custom-http-errors`). 403 is no reason to sign in.',
      good: [
        'https://login.example.com/start',
        'https://$host/oauth2/start?rd=$escaped_request_uri',
        '/oauth2/start',
        'https://login.example.com/?app=shop',
      ],
      bad: [
        'login',
        '//login.example.com/',
        'ftp://login.example.com/',
        'https://login.example.com/$http_cookie',
        'a b',
      ],
    },
    'auth-signin-redirect-param': {
      ...detail,
      parser: parameterName,
      risk: 'medium',
      live: true,
      about: 'Name of that parameter; `rd` where it is absent.',
      good: ['next', 'return_to'],
      bad: ['a b', 'a&b=c', '$host'],
    },
    'auth-response-headers': {
      ...guard,
      parser: allRequestHeaderNames,
      risk: 'medium',
      live: false,
      about:
        "Headers of the service's answer that the backend gets, in place of those that the client sent under these names; " +
        'one that the answer does not have is no header for the backend, whatever the client sent. Of several with one ' +
        'name the first, in an NGINX before 1.23. Their number is that of the directives in nginx.conf: a change takes a ' +
        'reload.',
      good: ['X-Auth-Request-User, X-Auth-Request-Email', 'Authorization'],
      bad: ['X User', 'X-User;', 'Content-Length', 'Host'],
    },
    'auth-proxy-set-headers': {
      ...guard,
      parser: ownName,
      risk: 'medium',
      live: false,
      about:
        'ConfigMap whose entries are headers of the question, in place of all others of their names. Values are printable ' +
        'ASCII, with variables that say something about the request (`$host`, `$http_x_tenant`). It belongs to the namespace ' +
        'of the Ingress, unless `allow-cross-namespace-resources` is on. One that does not exist closes the paths with 503; one ' +
        'that holds something else does as well, unless it was good before: then that stays in force. A change of it is followed.',
      good: ['auth-headers', 'shop/auth-headers'],
      bad: ['a/b/c', 'Headers', '${name}'],
    },
    'auth-request-redirect': {
      ...detail,
      parser: redirectText,
      risk: 'medium',
      live: false,
      about:
        'X-Auth-Request-Redirect of the question; the URI of the request where it is absent, or not accepted. No variables.',
      good: ['https://example.com/after', '/after?login=1'],
      bad: ['https://example.com/$request_uri', 'a"b', 'https://example.com/#x'],
    },
    'auth-cache-key': {
      ...detail,
      parser: authCacheKey,
      risk: 'medium',
      live: true,
      about:
        'Answers of the service are kept, in each replica, for as long as `auth-cache-duration` says, and are the answer to ' +
        'the same question: for the same path of an Ingress and host, the same URL of the service with its variables, and ' +
        'the same value of this key. It has to hold everything that the service decides by, and at least one header or ' +
        'cookie that tells users apart (not `$remote_user` alone, which is a name without its password): `$http_authorization`, ' +
        '`$cookie_session`. A request that shows none of them is always asked about. Answers that set cookies, that ' +
        'Cache-Control keeps out (`no-store`, `no-cache`, `private`), and those with a Vary that names a header which is ' +
        'not in the key are not kept, and none for longer than its max-age. Kept answers outlive the service. What is ' +
        'not accepted is ignored: every request is asked about.',
      good: ['$http_authorization', '$cookie_session$request_uri', 'shop-${http_x_token}'],
      bad: ['shop', '$remote_user', '$host$http_user_agent', '$arg_token', '$http_authorization;'],
    },
    'auth-cache-duration': {
      ...guard,
      parser: cacheTimes,
      risk: 'medium',
      live: true,
      about:
        'Statuses of answers and how long they are kept, for `auth-cache-key`; a time without a status is for 200. Units are ' +
        'ms, s, m, h, d, w, M and y. `200 202 401 5m` where it is absent. What is not accepted closes the paths with 503.',
      good: ['200 202 401 5m', '200 1h, 401 403 10s', '30m', '200 1h 30m'],
      bad: ['200', '5m 200', 'any 1m', '200 5', '200 5m;', '200 10q'],
    },
    'auth-always-set-cookie': {
      ...detail,
      parser: bool,
      risk: 'low',
      live: true,
      about:
        'Cookies that the service sets are set on every answer; without, on those with 200, 201, 204, 206, 301, 302, 303, ' +
        '304, 307 and 308.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
    'auth-pass-response': {
      ...detail,
      parser: bool,
      risk: 'low',
      live: false,
      about:
        "An annotation of Tidegate, which ingress-nginx does not have. A client that the service refuses gets the service's " +
        'own answer: its status, whatever that is but 2xx, its headers (Location, WWW-Authenticate, cookies) and its body, of ' +
        'at most 1 MiB. `auth-signin` goes before, for 401. Refusals by others, and those of a service that does not ' +
        'answer, are as they were.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
    'auth-keepalive': {
      ...detail,
      parser: wholeNumber(0, 10_000, 'a whole number'),
      risk: 'low',
      live: false,
      about:
        'Connections to each endpoint of the service that each worker keeps, whatever protocol clients speak, and whatever ' +
        'the service answers: bodies of its answers are read, up to 1 MiB, and a longer one is 500; a head has at most ' +
        '32 KiB. Without it, or with 0, connections are kept only behind answers without a body.',
      good: ['8', '0'],
      bad: ['-1', 'many'],
    },
    'auth-keepalive-requests': {
      ...detail,
      parser: wholeNumber(0, 1_000_000_000, 'a whole number'),
      risk: 'low',
      live: true,
      about: 'Questions on one such connection; 1000 where it is absent. 0 switches `auth-keepalive` off.',
      good: ['100', '0'],
      bad: ['-1', 'many'],
    },
    'auth-keepalive-timeout': {
      ...detail,
      parser: wholeNumber(0, 2_073_600, 'whole seconds without a unit'),
      risk: 'low',
      live: true,
      about:
        'Seconds that such a connection is kept without a question; 60 where it is absent. 0 switches `auth-keepalive` off.',
      good: ['30', '0'],
      bad: ['30s', '-1'],
    },
    'auth-keepalive-share-vars': {
      ...detail,
      parser: bool,
      risk: 'low',
      live: true,
      about: 'Whether the question has the X-Request-ID of the request.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
      verdict: {
        kind: 'no-effect',
        why: 'a request and the question about it share their variables, X-Request-ID among them, in any case',
        idle: [true],
      },
    },
    'auth-snippet': {
      ...guard,
      parser: snippet('auth'),
      risk: 'critical',
      live: false,
      about:
        'Directives of nginx for the location that asks, out of those that docs/snippets.md lists: headers of the question ' +
        '(`proxy_set_header`), times and buffers. Needs `allow-snippet-annotations: "true"` and `annotations-risk-level: ' +
        'Critical`. A snippet that is not accepted closes the paths with 503. With `auth-keepalive` or `auth-pass-response` ' +
        'only its headers count.',
      good: ['proxy_set_header X-Tenant shop;', 'proxy_set_header X-Host $host;\nproxy_read_timeout 5s;'],
      bad: ['proxy_pass http://127.0.0.1;', 'auth_request off;', '} location /x { return 200; ', 'return 200;'],
    },
    'enable-global-auth': {
      ...detail,
      parser: bool,
      risk: 'low',
      live: false,
      about: '`"false"`: `global-auth-url` of the settings is not asked about the paths of the Ingress.',
      good: ['true', 'false'],
      bad: ['no', 'off'],
    },
  },
  location: contributeExternalAuth,
});
