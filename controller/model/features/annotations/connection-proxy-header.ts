import { annotations } from '../annotation.ts';
import { oneWordOf } from '../../values/scalars.ts';

export default annotations({
  group: 'Headers',
  keys: {
    'connection-proxy-header': {
      parser: oneWordOf(['close', 'keep-alive']),
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: true,
      about:
        'Value of the Connection header that the backend gets. Without this annotation, the header is `upgrade` if ' +
        'the client requests an upgrade, and otherwise absent. The annotation breaks WebSockets. With `close`, ' +
        'connections to backends are not reused. It does not apply to gRPC.',
      good: ['close', 'keep-alive'],
      bad: ['upgrade', 'Close', 'keepalive'],
    },
  },
  location: (values) => {
    const connection = values['connection-proxy-header'];
    return connection === undefined ? {} : { route: { connection } };
  },
});
