import { settings } from '../../contract/setting.ts';
import { authCacheKey, cacheTimes, USUAL_TIMES } from '../../values/auth-cache.ts';
import { authMethod } from '../../values/auth-methods.ts';
import { authUrl, parameterName, redirectText, signInUrl } from '../../values/auth-url.ts';
import { requestHeaderNames } from '../../values/header-names.ts';
import { bool } from '../../values/scalars.ts';
import { snippet } from '../../values/snippet.ts';

export default settings({
  chapter: 'External authentication',
  keys: {
    'global-auth-url': {
      parser: authUrl,
      fallback: null,
      closed: 'unreadable',
      holds: 'the paths protected by global-auth-url answer 503',
      guards: true,
      about:
        'URL of an authentication service for the paths of all Ingresses without `auth-url` and without ' +
        '`enable-global-auth: "false"`; see `auth-url` in docs/annotations.md. If the value of this key, or of ' +
        '`global-auth-method`, `global-auth-response-headers` or `global-auth-snippet`, is invalid, the last good ' +
        'value of that key stays in force; if there is none, these paths answer 503.',
      good: ['http://auth.security.svc.cluster.local:4180/oauth2/auth', 'https://$host/oauth2/auth'],
      bad: ['auth.example.com', 'http://unix:/run/x.sock', 'http://auth.example.com/$http_cookie'],
    },
    'global-auth-method': {
      guards: true,
      parser: authMethod,
      fallback: null,
      closed: 'unreadable',
      holds: 'the paths protected by global-auth-url answer 503',
      about: 'Method of the subrequest to `global-auth-url`; GET if absent.',
      good: ['POST', 'HEAD'],
      bad: ['post', 'FETCH', 'GET x'],
    },
    'global-auth-signin': {
      parser: signInUrl,
      fallback: null,
      about:
        'URL to which clients are redirected if `global-auth-url` answers 401; see `auth-signin` in ' +
        'docs/annotations.md.',
      good: ['https://login.example.com/start', 'https://$host/oauth2/start?rd=$escaped_request_uri'],
      bad: ['login', 'ftp://login.example.com/', 'https://login.example.com/ "'],
    },
    'global-auth-signin-redirect-param': {
      parser: parameterName,
      fallback: 'rd',
      about: 'Query parameter of `global-auth-signin` that contains the URL that the client requested.',
      good: ['rd', 'next'],
      bad: ['a b', 'a&b'],
    },
    'global-auth-response-headers': {
      guards: true,
      parser: requestHeaderNames,
      fallback: [],
      closed: 'unreadable',
      holds: 'the paths protected by global-auth-url answer 503',
      about:
        "Headers of the response of `global-auth-url` that are sent to the backend, replacing the client's headers " +
        'of the same names. Invalid names are dropped.',
      good: ['X-User', 'X-User,X-Groups'],
      bad: ['X User', 'Content-Length'],
    },
    'global-auth-request-redirect': {
      parser: redirectText,
      fallback: null,
      about: 'Value of the header X-Auth-Request-Redirect for `global-auth-url`; if absent, the URI of the request.',
      good: ['https://example.com/after'],
      bad: ['https://example.com/$request_uri', 'a"b'],
    },
    'global-auth-snippet': {
      parser: snippet('auth'),
      fallback: null,
      closed: 'unreadable',
      holds: 'the paths protected by global-auth-url answer 503',
      guards: true,
      about:
        'nginx directives for the location of the subrequest to `global-auth-url`; see `auth-snippet` in ' +
        'docs/annotations.md. `allow-snippet-annotations` is not needed for this key.',
      good: ['proxy_set_header X-Tenant shop;'],
      bad: ['proxy_pass http://127.0.0.1;', '}'],
    },
    'global-auth-cache-key': {
      parser: authCacheKey,
      fallback: null,
      guards: true,
      about: 'Cache key for responses of `global-auth-url`; see `auth-cache-key` in docs/annotations.md.',
      good: ['$http_authorization', '$cookie_session'],
      bad: ['all', '$remote_user'],
    },
    'global-auth-cache-duration': {
      parser: cacheTimes,
      fallback: USUAL_TIMES,
      written: '200 202 401 5m',
      closed: [],
      holds: 'no response is cached',
      guards: true,
      about:
        'How long responses of `global-auth-url` are cached, by status, if `global-auth-cache-key` is set. If the ' +
        'value is invalid, the last good value stays in force; if there is none, no response is cached.',
      good: ['200 202 401 5m', '200 1h, 401 403 10s'],
      bad: ['200', 'any 1m'],
    },
    'global-auth-always-set-cookie': {
      parser: bool,
      fallback: false,
      about:
        'Cookies that `global-auth-url` sets are added to every response. With false, they are added only to ' +
        'responses with the statuses 200, 201, 204, 206, 301, 302, 303, 304, 307 and 308.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'enable-auth-access-log': {
      parser: bool,
      fallback: false,
      about: 'Subrequests to `auth-url` and `global-auth-url` are written to the access log as requests of their own.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
  },
});
