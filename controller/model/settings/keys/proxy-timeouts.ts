import { seconds } from '../../../types/conf-value.ts';
import { forEveryModule, passDirective } from '../../contract/pass-directives.ts';
import { settings } from '../../contract/setting.ts';
import { secondsFrom } from '../../values/scalars.ts';

const good = ['5', '600'];
const bad = ['5s', '-1', '0', 'soon'];

export default settings({
  chapter: 'Proxying',
  keys: {
    'proxy-connect-timeout': {
      parser: secondsFrom(1),
      fallback: 5,
      about:
        'Seconds to wait for a connection to an endpoint. After that, the next endpoint is tried; if none can be ' +
        'reached, the client gets 504.',
      good,
      bad,
    },
    'proxy-send-timeout': {
      parser: secondsFrom(1),
      fallback: 60,
      about: 'Maximum number of seconds between two writes to an endpoint.',
      good,
      bad,
    },
    'proxy-read-timeout': {
      parser: secondsFrom(1),
      fallback: 60,
      about:
        'Maximum number of seconds between two reads from an endpoint, after which the client gets 504. It also ' +
        'limits how long a WebSocket may be idle.',
      good,
      bad,
    },
  },
  contribute: (values) => ({
    http: forEveryModule([
      passDirective('connect_timeout', seconds(values['proxy-connect-timeout'])),
      passDirective('send_timeout', seconds(values['proxy-send-timeout'])),
      passDirective('read_timeout', seconds(values['proxy-read-timeout'])),
    ]),
  }),
});
