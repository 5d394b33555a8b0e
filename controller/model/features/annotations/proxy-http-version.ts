import { word } from '../../../types/conf-value.ts';
import { annotations } from '../annotation.ts';
import { passDirective } from '../../contract/pass-directives.ts';
import { oneWordOf } from '../../values/scalars.ts';

export default annotations({
  group: 'Proxying',
  keys: {
    'proxy-http-version': {
      parser: oneWordOf(['1.0', '1.1']),
      setting: 'proxy-http-version',
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: false,
      about:
        'HTTP version of requests to the endpoints. It applies with backend-protocol HTTP, HTTPS and AUTO_HTTP. With ' +
        '1.0, WebSockets do not work, and each request needs a new connection.',
      good: ['1.1', '1.0'],
      bad: ['2', '1'],
    },
  },
  location: (values, { settings }) => {
    const wanted = values['proxy-http-version'];
    if (wanted === undefined || wanted === settings['proxy-http-version']) return {};
    return { pass: [passDirective('http_version', word(wanted))] };
  },
});
