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
      holds: 'the paths that global-auth-url guards answer 503',
      guards: true,
      about:
        'Every request for a path of an Ingress that has no `auth-url` of its own, and does not say `enable-global-auth: ' +
        '"false"`, is put to this service first; see `auth-url` in docs/annotations.md. In place of a value that is not ' +
        'accepted, of this key, `global-auth-method`, `global-auth-response-headers` or `global-auth-snippet`, its last good ' +
        'one holds; without one these paths answer 503.',
      good: ['http://auth.security.svc.cluster.local:4180/oauth2/auth', 'https://$host/oauth2/auth'],
      bad: ['auth.example.com', 'http://unix:/run/x.sock', 'http://auth.example.com/$http_cookie'],
    },
    'global-auth-method': {
      guards: true,
      parser: authMethod,
      fallback: null,
      closed: 'unreadable',
      holds: 'the paths that global-auth-url guards answer 503',
      about: 'Method of the question to `global-auth-url`; GET where it is absent.',
      good: ['POST', 'HEAD'],
      bad: ['post', 'FETCH', 'GET x'],
    },
    'global-auth-signin': {
      parser: signInUrl,
      fallback: null,
      about:
        'Where clients are sent that `global-auth-url` answers with 401; see `auth-signin` in docs/annotations.md.',
      good: ['https://login.example.com/start', 'https://$host/oauth2/start?rd=$escaped_request_uri'],
      bad: ['login', 'ftp://login.example.com/', 'https://login.example.com/ "'],
    },
    'global-auth-signin-redirect-param': {
      parser: parameterName,
      fallback: 'rd',
      about: 'Parameter by which the page of `global-auth-signin` hears where the client wanted to go.',
      good: ['rd', 'next'],
      bad: ['a b', 'a&b'],
    },
    'global-auth-response-headers': {
      guards: true,
      parser: requestHeaderNames,
      fallback: [],
      closed: 'unreadable',
      holds: 'the paths that global-auth-url guards answer 503',
      about:
        "Headers of the answer of `global-auth-url` that the backend gets, in place of the client's. Names that cannot be " +
        'used are dropped.',
      good: ['X-User', 'X-User,X-Groups'],
      bad: ['X User', 'Content-Length'],
    },
    'global-auth-request-redirect': {
      parser: redirectText,
      fallback: null,
      about: 'X-Auth-Request-Redirect for `global-auth-url`; the URI of the request where it is absent.',
      good: ['https://example.com/after'],
      bad: ['https://example.com/$request_uri', 'a"b'],
    },
    'global-auth-snippet': {
      parser: snippet('auth'),
      fallback: null,
      closed: 'unreadable',
      holds: 'the paths that global-auth-url guards answer 503',
      guards: true,
      about:
        'Directives of nginx for the location that asks `global-auth-url`; see `auth-snippet` in docs/annotations.md. It ' +
        'needs no other key.',
      good: ['proxy_set_header X-Tenant shop;'],
      bad: ['proxy_pass http://127.0.0.1;', '}'],
    },
    'global-auth-cache-key': {
      parser: authCacheKey,
      fallback: null,
      guards: true,
      about: 'Answers of `global-auth-url` are kept by it; see `auth-cache-key` in docs/annotations.md.',
      good: ['$http_authorization', '$cookie_session'],
      bad: ['all', '$remote_user'],
    },
    'global-auth-cache-duration': {
      parser: cacheTimes,
      fallback: USUAL_TIMES,
      written: '200 202 401 5m',
      closed: [],
      holds: 'no answer is kept',
      guards: true,
      about:
        'How long answers of `global-auth-url` are kept, by status; with `global-auth-cache-key`. In place of a value that is ' +
        'not accepted its last good one holds; without one no answer is kept.',
      good: ['200 202 401 5m', '200 1h, 401 403 10s'],
      bad: ['200', 'any 1m'],
    },
    'global-auth-always-set-cookie': {
      parser: bool,
      fallback: false,
      about:
        'Cookies that `global-auth-url` sets are set on every answer, and not on those of the usual statuses alone.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
    'enable-auth-access-log': {
      parser: bool,
      fallback: false,
      about:
        'The questions to `auth-url` and `global-auth-url` are written to the access log as requests of their own.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
  },
});
