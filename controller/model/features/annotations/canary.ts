import type { LiveCanaryHeader } from '../../../types/live.ts';
import { annotations, type AnnotationValues } from '../annotation.ts';
import { cookieName, canaryHeaderName, headerPattern, headerValue, weightUpTo } from '../../values/canary.ts';
import { bool, oneWordOf, wholeNumber } from '../../values/scalars.ts';

const MOST = 1_000_000_000;
/** The default total of the weights; ingress-nginx ignores smaller totals. */
const HUNDRED = 100;

const MATCHES_NOTHING = '(?!)';

const rule = { onInvalid: 'ignored', scope: 'location', risk: 'low', live: true } as const;

const keys = {
  canary: {
    ...rule,
    parser: bool,
    about:
      'The Ingress is a canary: it adds no host and no path. Its Services get a share of the requests of the main ' +
      'Ingress, which has the same host, path and pathType. A header decides first, then a cookie, then the weight. ' +
      'If a path has several canaries, the headers of all canaries are checked first, starting with the oldest ' +
      "Ingress, and then their cookies. Their weights add up. Of a canary's other annotations, only those about its " +
      "Service apply (load-balance, upstream-hash-by, service-upstream); for everything else, the main Ingress's " +
      'annotations apply. If a canary has no endpoints, its requests go to the main Service. Changes need no reload.',
    good: ['true', 'false'],
    bad: ['yes', 'on'],
  },
  'canary-weight': {
    ...rule,
    parser: weightUpTo(MOST),
    about:
      'How many of 100 requests (or of canary-weight-total requests) go to the canary, chosen at random for each ' +
      'request. If the weights of several canaries exceed the total, the older canaries get their shares first. A ' +
      'weight above the total counts as the total, with a warning.',
    good: ['10', '0', '100'],
    bad: ['-1', '10%', '0.5'],
  },
  'canary-weight-total': {
    ...rule,
    parser: wholeNumber(HUNDRED, MOST),
    about: 'The total of which canary-weight is a part; 100 if absent or smaller.',
    good: ['1000', '100'],
    bad: ['10', '0', 'all'],
  },
  'canary-by-header': {
    ...rule,
    risk: 'medium',
    parser: canaryHeaderName,
    about:
      'Name of a request header. `always` sends a request to the canary and `never` to the main Service; with any ' +
      'other value, the cookie and the weight decide.',
    good: ['X-Canary', 'x_user'],
    bad: ['X Canary', 'X-Canary:', '$http_x'],
  },
  'canary-by-header-value': {
    ...rule,
    risk: 'medium',
    parser: headerValue,
    about:
      'The value of the header named by canary-by-header that sends a request to the canary; this value replaces ' +
      '`always`. With any other value, including `never`, the cookie and the weight decide.',
    good: ['beta', 'eu west/1'],
    bad: ['a,b', '"beta"', '$beta'],
  },
  'canary-by-header-pattern': {
    ...rule,
    risk: 'medium',
    parser: headerPattern,
    // If the pattern counted as absent, the header value `always` would send requests to the canary.
    instead: MATCHES_NOTHING,
    about:
      'Like canary-by-header-value, with a case-sensitive regular expression (PCRE) that may match anywhere in the ' +
      'value. Values longer than 2048 bytes do not match. It has no effect if canary-by-header-value is set. A ' +
      'pattern that can take a very long time to match is refused; a refused pattern matches no value.',
    good: ['^beta-[0-9]+$', 'internal|staff', '^.*(iPhone|Android).*$', '[a-z]+-beta'],
    bad: ['(a+)+$', 'a{2,3}', 'a b', '(', 'a)(b', '.*a.*b.*c.*'],
  },
  'canary-by-cookie': {
    ...rule,
    risk: 'medium',
    parser: cookieName,
    about:
      'Name of a cookie, case-insensitive. `always` sends a request to the canary and `never` to the main Service; ' +
      'with any other value, the weight decides.',
    good: ['canary', 'user_group'],
    bad: ['a b', 'a;b', 'a=b'],
  },
  'affinity-canary-behavior': {
    ...rule,
    parser: oneWordOf(['sticky', 'legacy']),
    about:
      'For paths with session affinity. `sticky`: a client that was sent to the canary stays there. `legacy`: the ' +
      'canary sets no cookie, and the rules are applied to each request. In both cases, clients bound to an endpoint ' +
      'of the main Service stay with it. Set this annotation on the canary.',
    good: ['sticky', 'legacy'],
    bad: ['Legacy', 'none'],
  },
} as const;

type Values = AnnotationValues<typeof keys>;

function headerOf(values: Values): LiveCanaryHeader | undefined {
  const name = values['canary-by-header'];
  if (name === undefined) return undefined;
  const [value, pattern] = [values['canary-by-header-value'], values['canary-by-header-pattern']];
  return value !== undefined ? { name, value } : pattern !== undefined ? { name, pattern } : { name };
}

export default annotations({
  group: 'Canaries',
  keys,
  canary: (values, { annotationField, report }) => {
    const set = Object.keys(values).filter((name) => name !== 'canary');
    if (values.canary !== true) {
      if (set[0] !== undefined)
        report({
          code: 'no-canary',
          severity: 'warning',
          effect: 'ignored-key',
          field: annotationField(set[0]),
          message: `without canary: "true", the Ingress is not a canary, and ${set[0]} has no effect`,
          example: 'canary: "true"',
        });
      return undefined;
    }
    const header = headerOf(values);
    const cookie = values['canary-by-cookie'];
    const total = values['canary-weight-total'] ?? HUNDRED;
    const asked = values['canary-weight'] ?? 0;
    const weight = Math.min(asked, total);
    if (asked > total)
      report({
        code: 'canary-weight-above-total',
        severity: 'warning',
        effect: 'none',
        field: annotationField('canary-weight'),
        message: `canary-weight is more than the total of ${total}: the canary gets every request that no other canary gets`,
        example: 'canary-weight: "10", or a larger canary-weight-total',
      });
    if (header === undefined && cookie === undefined && weight === 0)
      report({
        code: 'idle-canary',
        severity: 'notice',
        effect: 'none',
        field: annotationField('canary'),
        message: 'the canary gets no requests: it has no weight, no header and no cookie',
        example: 'canary-weight: "10"',
      });
    return {
      ...(header === undefined ? {} : { header }),
      ...(cookie === undefined ? {} : { cookie }),
      weight,
      total,
      ...(values['affinity-canary-behavior'] === 'legacy' ? { legacy: true } : {}),
    };
  },
});
