import type { LiveCanaryHeader } from '../../../types/live.ts';
import { annotations, type AnnotationValues } from '../annotation.ts';
import { cookieName, headerName, headerPattern, headerValue, weightUpTo } from '../../values/canary.ts';
import { bool, oneOf, wholeNumber } from '../../values/scalars.ts';

const MOST = 1_000_000_000;
/** What weights are parts of where nothing else is said; smaller totals never counted. */
const HUNDRED = 100;

const MATCHES_NOTHING = '(?!)';

const rule = { onInvalid: 'ignored', scope: 'location', risk: 'low', live: true } as const;

const keys = {
  canary: {
    ...rule,
    parser: bool,
    about:
      'The Ingress is a canary: it adds no host and no path, its Services take a part of the requests of the Ingress that ' +
      'has the same host, path and pathType. A header decides first, then a cookie, then the weight. Several canaries of ' +
      'one path work together: all headers go before all cookies, the older Ingress before the younger, and the weights add ' +
      'up. Of the other annotations of a canary those about its Service count (load-balance, upstream-hash-by, service-upstream); everything else is as the ' +
      'other Ingress says. Where a canary has no endpoints, its requests stay with the other Service. Changes need no reload.',
    good: ['true', 'false'],
    bad: ['yes', 'on'],
  },
  'canary-weight': {
    ...rule,
    parser: weightUpTo(MOST),
    about:
      'How many of 100 requests (or of canary-weight-total) go to the canary, by chance for each request. Where the weights ' +
      'of several canaries add up to more than everything, the older ones get theirs. A weight above the total is everything, ' +
      'and a warning says so.',
    good: ['10', '0', '100'],
    bad: ['-1', '10%', '0.5'],
  },
  'canary-weight-total': {
    ...rule,
    parser: wholeNumber(HUNDRED, MOST),
    about: 'What canary-weight is a part of: 100 unless it says more.',
    good: ['1000', '100'],
    bad: ['10', '0', 'all'],
  },
  'canary-by-header': {
    ...rule,
    risk: 'medium',
    parser: headerName,
    about:
      'Name of a request header. `always` sends a request to the canary and `never` away from it; any other value leaves it ' +
      'to cookie and weight.',
    good: ['X-Canary', 'x_user'],
    bad: ['X Canary', 'X-Canary:', '$http_x'],
  },
  'canary-by-header-value': {
    ...rule,
    risk: 'medium',
    parser: headerValue,
    about:
      'The value of the canary-by-header that sends a request to the canary, in place of `always`. All other values, ' +
      '`never` among them, leave it to cookie and weight.',
    good: ['beta', 'eu west/1'],
    bad: ['a,b', '"beta"', '$beta'],
  },
  'canary-by-header-pattern': {
    ...rule,
    risk: 'medium',
    parser: headerPattern,
    // Without it, `always` would send requests to the canary that it was not meant for.
    instead: MATCHES_NOTHING,
    about:
      'Like canary-by-header-value, with a regular expression (PCRE) that is looked for anywhere in the value, with regard to ' +
      'case. Values longer than 2048 bytes do not match. Without effect beside canary-by-header-value. A pattern that can ' +
      'take very long is refused; one that is refused matches no value.',
    good: ['^beta-[0-9]+$', 'internal|staff', '^.*(iPhone|Android).*$', '[a-z]+-beta'],
    bad: ['(a+)+$', 'a{2,3}', 'a b', '(', 'a)(b', '.*a.*b.*c.*'],
  },
  'canary-by-cookie': {
    ...rule,
    risk: 'medium',
    parser: cookieName,
    about:
      'Name of a cookie, without regard to case. `always` sends a request to the canary and `never` away from it; any other ' +
      'value leaves it to the weight.',
    good: ['canary', 'user_group'],
    bad: ['a b', 'a;b', 'a=b'],
  },
  'affinity-canary-behavior': {
    ...rule,
    parser: oneOf(['sticky', 'legacy']),
    about:
      'Where the paths have session affinity. `sticky`: a client that was sent to the canary stays there. `legacy`: the ' +
      'canary sets no cookie, and the rules decide about each request anew. Clients that the other Service has bound stay ' +
      'with it in both cases. It belongs on the canary.',
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
          message: `without canary: "true" the Ingress is not a canary, and ${set[0]} means nothing`,
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
        message: `canary-weight is more than ${total}, the total: every request goes to the canary that no other canary gets`,
        example: 'canary-weight: "10", or a larger canary-weight-total',
      });
    if (header === undefined && cookie === undefined && weight === 0)
      report({
        code: 'idle-canary',
        severity: 'notice',
        effect: 'none',
        field: annotationField('canary'),
        message: 'no request goes to this canary: it has no weight, no header and no cookie',
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
