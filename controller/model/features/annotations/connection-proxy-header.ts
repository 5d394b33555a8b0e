import { annotations } from '../annotation.ts';
import { oneOf } from '../../values/scalars.ts';

export default annotations({
  group: 'Headers',
  keys: {
    'connection-proxy-header': {
      parser: oneOf(['close', 'keep-alive']),
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: true,
      about:
        'The backend gets this Connection header. Without it the header is `upgrade` where the client upgrades, and else ' +
        'there is none. WebSockets do not work beside it, and with `close` no connection to a backend is used twice. ' +
        'gRPC knows no such header.',
      good: ['close', 'keep-alive'],
      bad: ['upgrade', 'Close', 'keepalive'],
    },
  },
  location: (values) => {
    const connection = values['connection-proxy-header'];
    return connection === undefined ? {} : { route: { connection } };
  },
});
