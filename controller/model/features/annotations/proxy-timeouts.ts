import { annotations } from '../annotation.ts';
import { secondsFrom } from '../../values/scalars.ts';

const common = {
  parser: secondsFrom(1),
  onInvalid: 'ignored',
  scope: 'location',
  risk: 'low',
  live: true,
  good: ['5', '600'],
  bad: ['5s', '-1', '0', 'soon'],
} as const;

export default annotations({
  group: 'Proxying',
  keys: {
    'proxy-connect-timeout': {
      ...common,
      setting: 'proxy-connect-timeout',
      about:
        'Seconds to wait for a connection to an endpoint; then the next endpoint is tried. If no other endpoint may ' +
        'be tried, the client gets 504.',
    },
    'proxy-send-timeout': {
      ...common,
      setting: 'proxy-send-timeout',
      about: 'Maximum number of seconds between two writes to an endpoint.',
    },
    'proxy-read-timeout': {
      ...common,
      setting: 'proxy-read-timeout',
      about:
        'Maximum number of seconds between two reads from an endpoint, even on idle WebSockets; after that, the ' +
        'client gets 504.',
    },
  },
  location: (values, { settings }) => {
    const names = ['proxy-connect-timeout', 'proxy-send-timeout', 'proxy-read-timeout'] as const;
    if (names.every((name) => values[name] === undefined || values[name] === settings[name])) return {};
    const [connect, send, read] = names.map((name) => (values[name] ?? settings[name]) * 1000);
    return { route: { timeouts: [connect ?? 0, send ?? 0, read ?? 0] } };
  },
});
