import { seconds, word } from '../../../types/conf-value.ts';
import { forEveryModule, passDirective } from '../../contract/pass-directives.ts';
import { settings } from '../../contract/setting.ts';
import { conditionWords, retryConditions } from '../../values/retries.ts';
import { bool, secondsFrom, wholeNumber } from '../../values/scalars.ts';

export default settings({
  chapter: 'Proxying',
  keys: {
    'proxy-next-upstream': {
      parser: retryConditions,
      fallback: { on: ['error', 'timeout'], nonIdempotent: false },
      written: 'error timeout',
      about: 'Conditions under which a request is passed to another endpoint.',
      good: ['error timeout', 'error timeout http_503 non_idempotent', 'off'],
      bad: ['error,timeout', 'http_418', 'always'],
    },
    'proxy-next-upstream-timeout': {
      parser: secondsFrom(0),
      fallback: 60,
      about: 'Seconds after which a request is no longer passed to another endpoint; 0: no limit.',
      good: ['0', '10'],
      bad: ['10s', '-1'],
    },
    'proxy-next-upstream-tries': {
      parser: wholeNumber(0, 1000),
      fallback: 3,
      about:
        'Maximum number of tries, including the first. A request is never tried more often than there are endpoints; ' +
        'with 0, this is the only limit.',
      good: ['0', '1', '3'],
      bad: ['-1', 'many'],
    },
    'retry-non-idempotent': {
      parser: bool,
      fallback: false,
      about:
        'POST, LOCK and PATCH requests are also passed to another endpoint, as if proxy-next-upstream contained ' +
        'non_idempotent.',
      good: ['true', 'false'],
      bad: ['yes'],
    },
  },
  contribute: (values) => {
    const { on, nonIdempotent } = values['proxy-next-upstream'];
    const words = conditionWords({ on, nonIdempotent: nonIdempotent || values['retry-non-idempotent'] });
    return {
      http: forEveryModule([
        passDirective('next_upstream', ...words.map(word)),
        passDirective('next_upstream_timeout', seconds(values['proxy-next-upstream-timeout'])),
      ]),
    };
  },
});
