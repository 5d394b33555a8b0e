import { settings } from '../../contract/setting.ts';
import { duration } from '../../values/durations.ts';
import { bool, wholeNumber } from '../../values/scalars.ts';
import type { Verdict } from '../../contract/verdict.ts';

const LATER: Verdict<never> = { kind: 'later', why: 'TCP and UDP services are not built yet' };

export default settings({
  chapter: 'Layer 4',
  keys: {
    'proxy-stream-timeout': {
      parser: duration(1, 86_400),
      fallback: 600,
      written: '600s',
      about: 'How long a TCP or UDP session may be silent.',
      good: ['600s', '1h'],
      bad: ['0', 'never'],
      verdict: LATER,
    },
    'proxy-stream-next-upstream': {
      parser: bool,
      fallback: true,
      about: 'A TCP connection that an endpoint refuses is tried at another one.',
      good: ['true', 'false'],
      bad: ['on'],
      verdict: LATER,
    },
    'proxy-stream-next-upstream-timeout': {
      parser: duration(0, 86_400),
      fallback: 600,
      written: '600s',
      about: 'How long further endpoints are tried; 0 is without end.',
      good: ['600s', '0'],
      bad: ['never'],
      verdict: LATER,
    },
    'proxy-stream-next-upstream-tries': {
      parser: wholeNumber(0, 2 ** 31 - 1),
      fallback: 3,
      about: 'How many endpoints are tried; 0 is without end.',
      good: ['3', '0'],
      bad: ['-1', 'all'],
      verdict: LATER,
    },
    'proxy-stream-responses': {
      parser: wholeNumber(0, 2 ** 31 - 1),
      fallback: 1,
      about: 'Datagrams that an endpoint answers a UDP datagram with.',
      good: ['1', '0'],
      bad: ['-1', 'all'],
      verdict: LATER,
    },
  },
});
