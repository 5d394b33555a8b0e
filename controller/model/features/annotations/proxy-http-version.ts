import { word } from '../../../types/conf-value.ts';
import { annotations } from '../annotation.ts';
import { passDirective } from '../../contract/pass-directives.ts';
import { oneOf } from '../../values/scalars.ts';

export default annotations({
  group: 'Proxying',
  keys: {
    'proxy-http-version': {
      parser: oneOf(['1.0', '1.1']),
      setting: 'proxy-http-version',
      onInvalid: 'ignored',
      scope: 'location',
      risk: 'low',
      live: false,
      about:
        'Version of HTTP towards the endpoints, where backend-protocol is HTTP, HTTPS or AUTO_HTTP. With 1.0 there are no ' +
        'WebSockets, and a connection for each request.',
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
