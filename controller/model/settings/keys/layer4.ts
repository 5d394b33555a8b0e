import { settings } from '../../contract/setting.ts';
import { duration } from '../../values/durations.ts';
import { bool, wholeNumber } from '../../values/scalars.ts';

export default settings({
  chapter: 'Layer 4',
  keys: {
    'proxy-stream-timeout': {
      parser: duration(1, 86_400),
      fallback: 600,
      written: '600s',
      about: 'Seconds that a TCP or UDP session may be idle.',
      good: ['600s', '1h'],
      bad: ['0', 'never'],
    },
    'proxy-stream-next-upstream': {
      parser: bool,
      fallback: true,
      about: 'A TCP connection that an endpoint refuses is retried at another one.',
      good: ['true', 'false'],
      bad: ['on'],
    },
    'proxy-stream-next-upstream-timeout': {
      parser: duration(0, 86_400),
      fallback: 600,
      written: '600s',
      about: 'Seconds during which other endpoints are tried; 0: no limit.',
      good: ['600s', '0'],
      bad: ['never'],
    },
    'proxy-stream-next-upstream-tries': {
      parser: wholeNumber(0, 2 ** 31 - 1),
      fallback: 3,
      about: 'Maximum number of endpoints that are tried; 0: no limit.',
      good: ['3', '0'],
      bad: ['-1', 'all'],
    },
    'proxy-stream-responses': {
      parser: wholeNumber(0, 2 ** 31 - 1),
      fallback: 1,
      about: 'Number of datagrams with which an endpoint answers a UDP datagram.',
      good: ['1', '0'],
      bad: ['-1', 'all'],
    },
  },
});
