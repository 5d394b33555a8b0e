import { seconds, word } from '../../../types/conf-value.ts';
import { annotations } from '../annotation.ts';
import { type PassDirective, passDirective } from '../../contract/pass-directives.ts';
import { conditionWords, retryConditions, triesOf } from '../../values/retries.ts';
import { secondsFrom, wholeNumber } from '../../values/scalars.ts';

const common = { onInvalid: 'ignored', scope: 'location' } as const;

export default annotations({
  group: 'Proxying',
  keys: {
    'proxy-next-upstream': {
      ...common,
      parser: retryConditions,
      setting: 'proxy-next-upstream',
      risk: 'medium',
      live: false,
      about:
        'Conditions under which a request is passed to another endpoint. POST, LOCK and PATCH are retried only with ' +
        '`non_idempotent`. A request is never retried if its body was passed on without buffering, or if the client ' +
        'already has part of the response. FastCGI does not support http_502 and http_504.',
      good: ['error timeout', 'error timeout http_503 non_idempotent', 'off'],
      bad: ['error,timeout', 'http_418', 'always'],
    },
    'proxy-next-upstream-timeout': {
      ...common,
      parser: secondsFrom(0),
      setting: 'proxy-next-upstream-timeout',
      risk: 'low',
      live: false,
      about: 'Seconds after which a request is no longer passed to another endpoint; 0: no limit.',
      good: ['0', '10'],
      bad: ['10s', '-1'],
    },
    'proxy-next-upstream-tries': {
      ...common,
      parser: wholeNumber(0, 1000),
      setting: 'proxy-next-upstream-tries',
      risk: 'low',
      live: true,
      about:
        'Maximum number of attempts, including the first one. There are never more attempts than endpoints; with 0, ' +
        'this is the only limit.',
      good: ['0', '1', '3'],
      bad: ['-1', 'many'],
    },
  },
  location: (values, { settings }) => {
    const standard = settings['proxy-next-upstream'];
    const conditions = values['proxy-next-upstream'] ?? standard;
    const tries = triesOf(conditions, values['proxy-next-upstream-tries'] ?? settings['proxy-next-upstream-tries']);
    const pass: PassDirective[] = [];
    const words = (of: typeof standard) =>
      conditionWords({ ...of, nonIdempotent: of.nonIdempotent || settings['retry-non-idempotent'] });
    if (words(conditions).join(' ') !== words(standard).join(' ')) {
      pass.push(passDirective('next_upstream', ...words(conditions).map(word)));
    }
    const timeout = values['proxy-next-upstream-timeout'];
    if (timeout !== undefined && timeout !== settings['proxy-next-upstream-timeout']) {
      pass.push(passDirective('next_upstream_timeout', seconds(timeout)));
    }
    const differs = tries !== triesOf(standard, settings['proxy-next-upstream-tries']);
    return { pass, ...(differs && { route: { tries } }) };
  },
});
