import { settings } from '../../contract/setting.ts';
import { secondsFrom, wholeNumber } from '../../values/scalars.ts';
import { timeUpTo } from '../../values/times.ts';

const DAY = 86_400;

export default settings({
  chapter: 'Proxying',
  keys: {
    'upstream-keepalive-connections': {
      parser: wholeNumber(0, 65_535),
      fallback: 320,
      about:
        'Number of idle connections to endpoints that a worker keeps open, in each of up to 64 groups of locations; ' +
        'fewer if all groups together would take more than three quarters of the connections of the worker. 0: no ' +
        'idle connection is kept open.',
      good: ['320', '0'],
      bad: ['-1', 'many'],
    },
    'upstream-keepalive-time': {
      parser: timeUpTo(365 * DAY),
      fallback: 3600,
      written: '1h',
      about: 'Maximum age of a connection to an endpoint; an older connection is closed after its current request.',
      good: ['1h', '90s', '1h30m'],
      bad: ['0', 'soon', '-1s'],
    },
    'upstream-keepalive-timeout': {
      parser: secondsFrom(1),
      fallback: 60,
      about: 'Seconds that a connection to an endpoint may be idle.',
      good: ['60', '5'],
      bad: ['0', '60s', '-1'],
    },
    'upstream-keepalive-requests': {
      parser: wholeNumber(1, 2 ** 31 - 1),
      fallback: 10_000,
      about: 'Maximum number of requests per connection to an endpoint.',
      good: ['10000', '1'],
      bad: ['0', '-1', 'many'],
    },
  },
});
