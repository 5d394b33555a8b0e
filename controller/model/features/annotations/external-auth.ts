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
        'URL of an authentication service. Before a request goes to the backend, a subrequest with the headers of ' +
        'the request, but without its body, is sent to this service. If the service answers 2xx, the request goes to ' +
        'the backend. 401 (with its WWW-Authenticate) and 403 are passed to the client. After any other response, a ' +
        'response with a body of more than 1 MiB, a timeout or a failed connection, the client gets 500. Redirects ' +
        'are not followed. For a name like `auth.security.svc.cluster.local`, subrequests go to the endpoints of ' +
        'that Service; the controller resolves any other name by DNS. `$host` as the host of the URL is the host of ' +
        'the rule, which must not be a wildcard. While the name has no address, the paths answer 503. The path may ' +
        'contain `$request_uri`, `$escaped_request_uri`, `$args`, `$is_args`, `$host`, `$http_host`, `$scheme`, ' +
        '`$request_method` and `$remote_addr`. The service also gets X-Original-URL, X-Original-Method, ' +
        'X-Auth-Request-Redirect, X-Sent-From, X-Real-IP, X-Forwarded-For and X-Request-ID. Other proxy headers that ' +
        'the client sent are removed. The certificate of an https service is not verified. Buffer sizes, timeouts ' +
        "and the HTTP version of the Ingress's `proxy-*` annotations apply to the subrequest, too. No subrequest is " +
        'sent for a request that is redirected, or answered with 503 because the Service of the path has no ' +
        'endpoints. Paths that begin with one of `no-auth-locations` need no authorization.',
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
        'Method of the subrequest; GET if absent. With this annotation, the service also gets X-Original-URI and ' +
        'X-Scheme.',
      good: ['POST', 'HEAD'],
      bad: ['post', 'FETCH', 'GET x'],
    },
    'auth-signin': {
      ...detail,
      parser: signInUrl,
      risk: 'high',
      live: true,
      about:
        'URL or path to which clients are redirected, with 302, instead of getting a 401 from NGINX (including the ' +
        '401 of `auth-type`). It may contain the variables that `auth-url` may contain. The requested URL ' +
        'is appended as the parameter named by `auth-signin-redirect-param`, unless the sign-in URL already has that ' +
        'parameter. A 401 from the backend is passed on, unless errors are intercepted (`custom-http-errors`). After ' +
        '403, clients are not redirected to the sign-in page.',
      good: [
        'https://login.example.com/start',
        'https://$host/oauth2/start?rd=$escaped_request_uri',
        '/oauth2/start',
        'https://login.example.com/?app=shop',
      ],
      bad: [
        'http://169.254.169.254/latest',
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
      about: 'Name of the parameter of `auth-signin` that contains the requested URL; `rd` if absent.',
      good: ['next', 'return_to'],
      bad: ['a b', 'a&b=c', '$host'],
    },
    'auth-response-headers': {
      ...guard,
      parser: allRequestHeaderNames,
      risk: 'medium',
      live: false,
      about:
        "Headers of the service's response that the backend gets, replacing those that the client sent. A header " +
        'that the response lacks is removed from the request. If the response has several headers of the same name, ' +
        'NGINX before 1.23 passes on only the first. Each name is a directive in nginx.conf, so a change needs a ' +
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
        'ConfigMap whose entries are headers of the subrequest, replacing all other headers of the same names. ' +
        'Values are printable ASCII, with variables about the request (`$host`, `$http_x_tenant`). The ConfigMap ' +
        "must be in the Ingress's own namespace unless `allow-cross-namespace-resources` is on or the ConfigMap has " +
        'the annotation `tidegate.dev/allow-from` (docs/tenants.md). If the ConfigMap does not exist, the paths answer 503. If it has an invalid entry, its last good content stays in force; if ' +
        'there is none, the paths answer 503. Changes to the ConfigMap are applied automatically.',
      good: ['auth-headers', 'shop/auth-headers'],
      bad: ['a/b/c', 'Headers', '${name}'],
    },
    'auth-request-redirect': {
      ...detail,
      parser: redirectText,
      risk: 'medium',
      live: false,
      about:
        'Value of the header X-Auth-Request-Redirect of the subrequest; the URI of the request if absent or invalid. ' +
        'Variables are not allowed.',
      good: ['https://example.com/after', '/after?login=1'],
      bad: ['https://example.com/$request_uri', 'a"b', 'https://example.com/#x'],
    },
    'auth-cache-key': {
      ...detail,
      parser: authCacheKey,
      risk: 'medium',
      live: true,
      about:
        'Cache key for responses of the authentication service. Each replica caches them for the times in ' +
        '`auth-cache-duration`. A cached response is used for requests to the same host and the same path of an ' +
        'Ingress if the URL of the service (with its variables replaced) and the value of this key are also the ' +
        'same. The key must contain everything on which the service bases its decision, and at least one header or ' +
        'cookie that tells users apart (`$remote_user` alone is not enough, because it is a name without a ' +
        'password): `$http_authorization`, `$cookie_session`. A request that lacks all of these headers and cookies ' +
        'always causes a subrequest. Responses are not cached if they set cookies, if their Cache-Control is ' +
        '`no-store`, `no-cache` or `private`, or if their Vary names a header that is not in the key. No response is ' +
        'cached for longer than its max-age. Cached responses stay valid while the service is down. An invalid key ' +
        'is ignored, so every request causes a subrequest.',
      good: ['$http_authorization', '$cookie_session$request_uri', 'shop-${http_x_token}'],
      bad: ['shop', '$remote_user', '$host$http_user_agent', '$arg_token', '$http_authorization;'],
    },
    'auth-cache-duration': {
      ...guard,
      parser: cacheTimes,
      risk: 'medium',
      live: true,
      about:
        'Statuses of responses and how long `auth-cache-key` caches them; a time without a status applies to 200. ' +
        'Units are ms, s, m, h, d, w, M and y. `200 202 401 5m` if absent. With an invalid value, the paths answer ' +
        '503.',
      good: ['200 202 401 5m', '200 1h, 401 403 10s', '30m', '200 1h 30m'],
      bad: ['200', '5m 200', 'any 1m', '200 5', '200 5m;', '200 10q'],
    },
    'auth-always-set-cookie': {
      ...detail,
      parser: bool,
      risk: 'low',
      live: true,
      about:
        "Cookies of the service's response are set on every response to the client. Without the annotation, they are " +
        'set only on responses with 200, 201, 204, 206, 301, 302, 303, 304, 307 and 308.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
    'auth-pass-response': {
      ...detail,
      parser: bool,
      risk: 'low',
      live: false,
      about:
        "ingress-nginx does not have this annotation. A client that the service refuses gets the service's own " +
        'response: its status (anything but 2xx), its headers (Location, WWW-Authenticate, cookies) and its body, up ' +
        'to 1 MiB. For 401, `auth-signin` takes precedence. The annotation affects neither other refusals nor the ' +
        '500 that clients get when the service does not answer.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
    },
    'auth-keepalive': {
      ...detail,
      parser: wholeNumber(0, 10_000, 'a whole number'),
      risk: 'low',
      live: false,
      about:
        'Number of connections that each worker keeps open to each endpoint of the service, whatever protocol ' +
        'clients use and whatever the service answers. Response bodies are read up to 1 MiB; after a longer one, the ' +
        'client gets 500. The head of the response may have up to 32 KiB. Without the annotation, or with 0, a ' +
        'connection is kept open only after a response without a body.',
      good: ['8', '0'],
      bad: ['-1', 'many'],
    },
    'auth-keepalive-requests': {
      ...detail,
      parser: wholeNumber(0, 1_000_000_000, 'a whole number'),
      risk: 'low',
      live: true,
      about:
        'Maximum number of subrequests on one connection that `auth-keepalive` keeps open; 1000 if absent. 0 ' +
        'disables `auth-keepalive`.',
      good: ['100', '0'],
      bad: ['-1', 'many'],
    },
    'auth-keepalive-timeout': {
      ...detail,
      parser: wholeNumber(0, 2_073_600, 'whole seconds without a unit'),
      risk: 'low',
      live: true,
      about:
        'Seconds for which `auth-keepalive` keeps an idle connection open; 60 if absent. 0 disables `auth-keepalive`.',
      good: ['30', '0'],
      bad: ['30s', '-1'],
    },
    'auth-keepalive-share-vars': {
      ...detail,
      parser: bool,
      risk: 'low',
      live: true,
      about: 'Whether the subrequest has the X-Request-ID of the request.',
      good: ['true', 'false'],
      bad: ['yes', 'on'],
      verdict: {
        kind: 'no-effect',
        why: 'a request and its authorization subrequest always share their variables, including X-Request-ID',
        idle: [true],
      },
    },
    'auth-snippet': {
      ...guard,
      parser: snippet('auth'),
      risk: 'critical',
      live: false,
      about:
        'nginx directives for the location of the subrequest; docs/snippets.md lists the allowed ones: headers ' +
        '(`proxy_set_header`), timeouts and buffers. The annotation needs `allow-snippet-annotations: "true"` and ' +
        '`annotations-risk-level: Critical`. With an invalid snippet, the paths answer 503. With `auth-keepalive` or ' +
        '`auth-pass-response`, only the headers of the snippet apply.',
      good: ['proxy_set_header X-Tenant shop;', 'proxy_set_header X-Host $host;\nproxy_read_timeout 5s;'],
      bad: ['proxy_pass http://127.0.0.1;', 'auth_request off;', '} location /x { return 200; ', 'return 200;'],
    },
    'enable-global-auth': {
      ...detail,
      parser: bool,
      risk: 'low',
      live: false,
      about: '`"false"`: `global-auth-url` of the ConfigMap does not apply to the paths of the Ingress.',
      good: ['true', 'false'],
      bad: ['no', 'off'],
    },
  },
  location: contributeExternalAuth,
});
