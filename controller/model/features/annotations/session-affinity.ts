import type { LiveAffinity } from '../../../types/live.ts';
import { annotations } from '../annotation.ts';
import { sessionCookieDomain, sessionCookieName, sessionCookiePath, sameSite } from '../../values/cookies.ts';
import { bool, oneWordOf, wholeNumber } from '../../values/scalars.ts';

const common = { onInvalid: 'ignored', scope: 'location', live: true } as const;
const MOST_SECONDS = 2_147_483_647;
const seconds = {
  ...common,
  parser: wholeNumber(-MOST_SECONDS, MOST_SECONDS, 'whole seconds without a unit'),
  risk: 'medium',
  good: ['172800', '0'],
  bad: ['2d', '0x', 'abc5', '1.5'],
} as const;
const flag = { ...common, parser: bool, risk: 'low', good: ['true', 'false'], bad: ['yes', 'on'] } as const;

/** An object with the field `name` if the value is true, and otherwise an empty object. */
function set<K extends keyof LiveAffinity>(name: K, value: boolean | undefined): { readonly [N in K]?: true } {
  return value === true ? ({ [name]: true } as { readonly [N in K]: true }) : {};
}

/** An object with the field `name` if there is a value, and otherwise an empty object. */
function given<K extends keyof LiveAffinity, V>(name: K, value: V | undefined): { readonly [N in K]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [N in K]: V });
}

export default annotations({
  group: 'Session affinity',
  keys: {
    affinity: {
      ...common,
      parser: oneWordOf(['cookie']),
      risk: 'low',
      about:
        'Clients stay with an endpoint: the first response sets a cookie, which leads later requests for the paths ' +
        'of this Ingress to the same endpoint, across reloads, restarts and replicas. Affinity takes precedence over ' +
        '`upstream-hash-by` and `load-balance`. Cookies set by ingress-nginx are accepted. While the endpoint does ' +
        'not answer, all requests of the client go to the same other endpoint; afterwards they go to the original ' +
        'endpoint again.',
      good: ['cookie'],
      bad: ['Cookie', 'ip', 'true'],
    },
    'affinity-mode': {
      ...common,
      parser: oneWordOf(['balanced', 'persistent']),
      risk: 'medium',
      about:
        '`balanced`: a new endpoint takes its share of the clients from the others. `persistent`: clients move ' +
        'only when their endpoint is removed; `load-balance` chooses the endpoint of a new client.',
      good: ['balanced', 'persistent'],
      bad: ['Persistent', 'sticky'],
    },
    'session-cookie-name': {
      ...common,
      parser: sessionCookieName,
      risk: 'medium',
      about: 'Name of the session cookie; `INGRESSCOOKIE` if absent.',
      good: ['route', 'APP-SESSION'],
      bad: ['a b', 'a;b', 'a=b'],
    },
    'session-cookie-path': {
      ...common,
      parser: sessionCookiePath,
      risk: 'medium',
      about:
        'Path of the session cookie. If absent, it is the path of the Ingress; for a regular expression, the longest ' +
        'plain path that contains every match: `/app` for `/app(/|$)(.*)`, `/` for `/app.*`.',
      good: ['/', '/shop'],
      bad: ['/a;b', '/a b', '/(.*)'],
    },
    'session-cookie-domain': {
      ...common,
      parser: sessionCookieDomain,
      risk: 'medium',
      about: 'Attribute Domain of the session cookie; not sent if absent.',
      good: ['example.com'],
      bad: ['example.com; Path=/', 'a b'],
    },
    'session-cookie-expires': {
      ...seconds,
      about: 'Attribute Expires of the session cookie, in seconds after the response; for old browsers.',
    },
    'session-cookie-max-age': {
      ...seconds,
      about:
        'Attribute Max-Age of the session cookie, in seconds. If absent, the cookie expires at the end of the ' +
        'browser session.',
    },
    'session-cookie-secure': {
      ...flag,
      about:
        'The session cookie has the attribute Secure even over plain HTTP. Over TLS, it always has this attribute.',
    },
    'session-cookie-samesite': {
      ...common,
      parser: sameSite,
      risk: 'low',
      about: 'Attribute SameSite of the session cookie: `None`, `Lax` or `Strict`; not sent if absent.',
      good: ['None', 'lax', 'STRICT'],
      bad: ['true', 'Same'],
    },
    'session-cookie-conditional-samesite-none': {
      ...flag,
      about:
        'SameSite=None is not sent to clients that are known to misread it: Chrome 40 to 69, iOS 12, Safari on ' +
        'macOS 10.14.',
    },
    'session-cookie-change-on-failure': {
      ...flag,
      about:
        'With `true`, a client whose endpoint fails is moved to another one permanently, by a new cookie. Without ' +
        'this annotation, its requests go to another endpoint only while its own endpoint fails.',
    },
  },
  location: (values) => {
    if (values.affinity === undefined) return {};
    const affinity: LiveAffinity = {
      cookie: values['session-cookie-name'] ?? 'INGRESSCOOKIE',
      ...set('persistent', values['affinity-mode'] === 'persistent'),
      ...set('changeOnFailure', values['session-cookie-change-on-failure']),
      ...given('path', values['session-cookie-path']),
      ...given('domain', values['session-cookie-domain']),
      ...given('expires', values['session-cookie-expires']),
      ...given('maxAge', values['session-cookie-max-age']),
      ...set('secure', values['session-cookie-secure']),
      ...given('sameSite', values['session-cookie-samesite']),
      ...set('conditionalNone', values['session-cookie-conditional-samesite-none']),
    };
    return { route: { affinity } };
  },
});
